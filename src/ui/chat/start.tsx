// An empty chat: the first run when nothing is remembered, else what could be asked.

import { readHadMemory } from '../../client/preferences';
import { useApp } from '../use-store';
import { Examples } from './examples';
import { Welcome } from './welcome';

export function Start() {
  const memory = useApp((state) => state.memory);
  const isFirstRun = memory ? memory.concepts.length === 0 : !readHadMemory();
  return <div className="start">{isFirstRun ? <Welcome /> : <Examples memory={memory} />}</div>;
}
