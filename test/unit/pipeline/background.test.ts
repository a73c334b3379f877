// The background loop loses nothing that it was woken for, whenever that was.
import { describe, expect, it } from 'vitest';
import type { ConceptId } from '../../../src/core/types';
import { createBackground } from '../../../src/pipeline/background';
import { createContext, type Context } from '../../../src/pipeline/context';
import { fakeMemory } from '../../support/fake-memory';
import { fakeEncoder, fakeImages, fakeVlm } from '../../support/fake-models';

function aContext(): Context {
  return createContext({
    ...{ vlm: fakeVlm(), encoder: fakeEncoder(), images: fakeImages, memory: fakeMemory() },
    onMemory: () => undefined,
    onChats: () => undefined,
    onFault: (error) => expect.unreachable(error.message),
  });
}

const rests = (): Promise<void> => Promise.resolve();
const ids = (count: number): ConceptId[] => Array.from({ length: count }, (_, i) => `c${i}` as ConceptId);

describe('the background loop', () => {
  // A loop that has nothing (more) to do still counts as running for some microtasks.
  it.each([0, 1, 2, 3, 4, 5])('does what it is woken for %d microtasks after it had nothing to do', async (ticks) => {
    const done: ConceptId[] = [];
    const background = createBackground(
      aContext(),
      (id) => {
        done.push(id);
        return Promise.resolve([]);
      },
      rests,
    );
    background.wake([]);
    for (const [at, id] of ids(3).entries()) {
      background.wake([id]);
      for (let tick = 0; tick < ticks + at; tick++) await Promise.resolve();
    }
    await background.idle();
    expect(done).toEqual(ids(3));
  });

  it('does what the work itself gives it to do, and nothing after it was closed', async () => {
    const done: ConceptId[] = [];
    const background = createBackground(
      aContext(),
      (id) => {
        done.push(id);
        return Promise.resolve(id === 'c0' ? ids(3).slice(1) : []);
      },
      rests,
    );
    background.wake(ids(1));
    await background.idle();
    expect(done).toEqual(ids(3));
    background.close();
    background.wake(ids(1));
    await background.idle();
    expect(done).toEqual(ids(3));
  });

  it('rests once after what there was to do, and when it is woken for nothing', async () => {
    const seen: string[] = [];
    const note = (what: string) => () => {
      seen.push(what);
      return Promise.resolve([]);
    };
    const background = createBackground(aContext(), note('work'), note('rest'));
    background.wake(ids(2));
    await background.idle();
    background.wake([]);
    await background.idle();
    expect(seen).toEqual(['work', 'work', 'rest', 'rest']);
  });
});
