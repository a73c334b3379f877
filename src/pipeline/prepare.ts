// Preparing: a model that is to answer later encodes memory while another one still answers. It writes its own blocks and nothing else:
// photos, cards and vectors stay the business of the engine that answers, which also goes on changing memory.

import { rebuildOrder } from '../core/stages/store';
import type { ConceptId } from '../core/types';
import { type Blocks, planOf } from './blocks';
import type { Context } from './context';

export interface Prepared {
  readonly done: number; // blocks
  readonly total: number;
}

/** Most used first. Resolves when every block that memory asks for is there; an abort rejects with its reason. */
export async function prepareBlocks(
  context: Context,
  blocks: Blocks,
  onProgress: (progress: Prepared) => void,
  signal: AbortSignal,
): Promise<void> {
  const queued = <T>(task: () => Promise<T>): Promise<T> => context.queue.run('background', task, signal);
  const worked = new Set<ConceptId>();
  for (;;) {
    signal.throwIfAborted();
    context.forget(); // read again: the other engine has written meanwhile
    const state = await context.state();
    const ids = [...rebuildOrder(state.blocks), ...state.concepts.map(({ id }) => id)];
    const plans = new Map(state.concepts.map((concept) => [concept.id, planOf(state, concept)]));
    const total = [...plans.values()].reduce((sum, plan) => sum + plan.length, 0);
    const done = (): number => [...worked].reduce((sum, id) => sum + (plans.get(id)?.length ?? 0), 0);
    onProgress({ done: done(), total });
    const next = state.concepts.find(({ id }) => id === ids.find((one) => plans.has(one) && !worked.has(one)));
    if (next === undefined) return;
    let made = 0;
    for (const planned of plans.get(next.id) ?? []) {
      await blocks.ensure(next, [planned], queued, signal);
      onProgress({ done: done() + ++made, total });
    }
    worked.add(next.id);
  }
}
