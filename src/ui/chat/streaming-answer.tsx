// An answer on its way: what is being done, then the words as they come.

import { preloadMarkdown, Prose } from './prose';
import { useEffect } from 'react';
import type { Answering, EngineState } from '../../client/state';
import { waitWords, type LargerState } from '../../core/larger';
import type { Stage } from '../../core/types';
import { useApp } from '../use-store';

const DOING: Record<Stage, string> = {
  enrol: 'Checking the photo',
  mine: 'Looking for what makes it this one',
  encode: 'Looking at the photo',
  store: 'Storing',
  retrieve: 'Looking through memory',
  assemble: 'Linking what matters',
  decode: 'Reading the question',
  reflect: 'Checking the answer',
};

export function StreamingAnswer({ answering }: { answering: Answering }) {
  const engine = useApp((state) => state.engine);
  const larger = useApp((state) => state.larger);
  useEffect(preloadMarkdown, []);
  return (
    <article className="answer" aria-busy="true" aria-label="Answer">
      {answering.text && <Prose text={answering.text} />}
      <p className="stage-line" data-quiet={answering.text !== ''}>
        <span className="pulse" aria-hidden="true" />
        {doing(answering, engine, larger)}
      </p>
    </article>
  );
}

function doing({ stage, note, text, stopping }: Answering, engine: EngineState, larger: LargerState): string {
  if (stopping) return 'Stopping';
  const waiting = waitWords(larger);
  if (waiting !== undefined) return waiting;
  if (engine.kind === 'loading') {
    const share = engine.totalBytes > 0 ? `, ${Math.round((engine.loadedBytes / engine.totalBytes) * 100)} %` : '';
    return `Loading ${engine.what}${share}`;
  }
  if (!stage) return 'Starting';
  if (stage === 'decode' && text) return 'Writing';
  return note ? `${DOING[stage]} · ${note}` : DOING[stage];
}
