// Background work: one loop that takes concepts with something to do until there is none, and can be waited for.

import { isAbort } from '../core/errors';
import type { ConceptId } from '../core/types';
import { asAppError, isFatal, type Context } from './context';
import { isAborted } from './queue';

export interface Background {
  /** Says that a concept has photos waiting or blocks to check. */
  wake(conceptIds: readonly ConceptId[]): void;
  /** Resolves when nothing is waiting or running. */
  idle(): Promise<void>;
  /** Stops for good: what runs is aborted, what waits stays in memory as jobs. */
  close(): void;
}

/**
 * `work` does all there is to do for one concept, and returns concepts that it gave something to do. A fault in it is reported and the loop goes on with the next concept, except
 * when the models are gone: then it stops, and jobs wait for the next start. `atRest` is done once whenever nothing waits any more.
 */
export function createBackground(
  context: Context,
  work: (conceptId: ConceptId, signal: AbortSignal) => Promise<readonly ConceptId[]>,
  atRest: (signal: AbortSignal) => Promise<unknown>,
): Background {
  const waiting = new Set<ConceptId>();
  const controller = new AbortController();
  let running: Promise<void> | undefined;

  async function loop(): Promise<void> {
    for (let rested = false; ;) {
      const [next] = waiting;
      if ((next === undefined && rested) || controller.signal.aborted) return;
      try {
        rested = next === undefined;
        if (next === undefined) {
          await atRest(controller.signal);
          continue;
        }
        waiting.delete(next);
        for (const other of await work(next, controller.signal)) waiting.add(other);
      } catch (error) {
        if (isAbort(error) || isAborted(controller.signal)) continue;
        context.ports.onFault(asAppError(error));
        if (isFatal(error)) {
          waiting.clear();
          controller.abort();
        }
      }
    }
  }

  function run(): void {
    if (controller.signal.aborted) return;
    running ??= loop().finally(() => {
      running = undefined;
      if (waiting.size > 0) run(); // what came after the loop looked for the last time
    });
  }

  return {
    wake(conceptIds) {
      for (const id of conceptIds) waiting.add(id);
      run();
    },
    async idle() {
      while (running !== undefined) await running;
      await context.settled();
    },
    close() {
      waiting.clear();
      controller.abort();
    },
  };
}
