// From the question to its first token: memory linked from blocks, against prefilling all of it again.

import type { KvBlock } from '../src/core/kv-block';
import { GREEDY } from '../src/core/stages/decode';
import type { BlockKey, Segment } from '../src/core/types';
import type { VlmSession } from '../src/pipeline/ports';
import type { Vlm } from '../src/runtime/vlm';
import type { BenchConcept } from './content';
import type { Sample } from './measure.worker';
import { tellStep } from './step';

/** Full prefill reads in chunks as large as this, which nobody could stop, so that small ones do not hold it up. */
const RIVAL_CHUNK = 512;
const NEVER = new AbortController().signal;
const WARM_UP = 1;

export interface Remembered {
  readonly concepts: readonly BenchConcept[];
  readonly keys: readonly (readonly BlockKey[])[]; // by concept
  readonly read: (keys: readonly BlockKey[]) => Promise<KvBlock[]>; // from IndexedDB, checked and parsed
}

/** `reading` is part of `linked`: from IndexedDB, and checking; `linking` of `held`: putting the cache together. */
type Timed = 'linked' | 'held' | 'full prefill' | 'reading' | 'linking';

const noTimes = (): Record<Timed, number[]> => ({ linked: [], held: [], 'full prefill': [], reading: [], linking: [] });

/**
 * `linked` reads the blocks from IndexedDB, `held` finds them parsed in memory, as the app does for blocks of recent
 * questions and after a start (src/pipeline/blocks.ts). The prefix is read beforehand for all three: it never changes. Sizes take
 * turns, so that what else the machine does falls on all alike.
 */
export async function measureFirstToken(
  vlm: Vlm,
  { concepts, keys, read }: Remembered,
  turn: Segment,
  sizes: readonly number[],
  runs: number,
): Promise<Sample[]> {
  const cases = await Promise.all(
    sizes.map(async (size) => {
      const wanted = keys.slice(0, size).flat();
      return {
        size,
        wanted,
        segments: concepts.slice(0, size).flatMap(({ blocks }) => blocks.map(({ segment }) => segment)),
        inMemory: await read(wanted),
        times: noTimes(),
      };
    }),
  );
  for (let run = -WARM_UP; run < runs; run++) {
    for (const { wanted, segments, inMemory, times } of cases) {
      const parts = { reading: 0, linking: 0 };
      const byLinking = await timeToFirstToken(async () => {
        const startedAt = performance.now();
        const blocks = await read(wanted);
        parts.reading = performance.now() - startedAt;
        const session = await vlm.link(blocks, NEVER);
        return { session, logits: await session.prefill([turn], NEVER) };
      });
      const byHeld = await timeToFirstToken(async () => {
        const startedAt = performance.now();
        const session = await vlm.link(inMemory, NEVER);
        parts.linking = performance.now() - startedAt;
        return { session, logits: await session.prefill([turn], NEVER) };
      });
      const byPrefill = await timeToFirstToken(async () => {
        const session = await vlm.linkUnpaced([], RIVAL_CHUNK, NEVER);
        return { session, logits: await session.prefill([...segments, turn], NEVER) };
      });
      // "Linked" must not be faster for having lost something.
      if (byLinking.tokens !== byPrefill.tokens || byHeld.tokens !== byPrefill.tokens) {
        throw new Error(`not the same prompt: ${byLinking.tokens} tokens linked, ${byPrefill.tokens} prefilled`);
      }
      const kind = run < 0 ? 'warm-up' : `run ${run + 1} of ${runs}`;
      tellStep(`${byPrefill.tokens} tokens, ${kind}: full prefill took ${Math.round(byPrefill.ms)} ms`);
      if (run < 0) continue;
      times.linked.push(byLinking.ms);
      times.held.push(byHeld.ms);
      times['full prefill'].push(byPrefill.ms);
      times.reading.push(parts.reading);
      times.linking.push(parts.linking);
    }
  }
  return cases.flatMap(({ size, inMemory, times }) => [
    ...Object.entries(times).map(([name, values]) => ({ name: `${name} ${size}`, unit: 'ms', values })),
    { name: `tokens ${size}`, unit: 'tokens', values: [inMemory.reduce((sum, { tokens }) => sum + tokens, 0)] },
  ]);
}

async function timeToFirstToken(
  ask: () => Promise<{ session: VlmSession; logits: Float32Array }>,
): Promise<{ ms: number; tokens: number }> {
  const startedAt = performance.now();
  const { session, logits } = await ask();
  try {
    const { tokens } = session;
    const decoded = await session.decode(logits, { ...GREEDY, maxTokens: 1 }, () => undefined, NEVER);
    return { ms: decoded.firstTokenAt - startedAt, tokens };
  } finally {
    session.dispose();
  }
}
