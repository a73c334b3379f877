// From the question to its first token: memory linked from blocks, against prefilling all of it again.

import type { KvBlock } from '../src/core/kv-block';
import { GREEDY } from '../src/core/stages/decode';
import type { BlockKey, Segment } from '../src/core/types';
import type { VlmSession } from '../src/pipeline/ports';
import type { Vlm } from '../src/runtime/vlm';
import type { BenchConcept } from './content';
import type { Sample } from './measure.worker';

/** Full prefill reads in chunks as large as this, which nobody could stop, so that small ones do not hold it up. */
const RIVAL_CHUNK = 512;
const NEVER = new AbortController().signal;
const WARM_UP = 1;

export interface Remembered {
  readonly concepts: readonly BenchConcept[];
  readonly keys: readonly (readonly BlockKey[])[]; // by concept
  readonly read: (keys: readonly BlockKey[]) => Promise<KvBlock[]>; // from IndexedDB, checked and parsed
}

/**
 * `linked` reads the blocks from IndexedDB, `held` finds them parsed in memory, as the app does for blocks of recent
 * questions (src/pipeline/blocks.ts). The prefix is read beforehand for all three: it never changes.
 */
export async function measureFirstToken(
  vlm: Vlm,
  { concepts, keys, read }: Remembered,
  turn: Segment,
  sizes: readonly number[],
  runs: number,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const size of sizes) {
    const wanted = keys.slice(0, size).flat();
    const segments = concepts.slice(0, size).flatMap(({ blocks }) => blocks.map(({ segment }) => segment));
    const inMemory = await read(wanted);
    const times = { linked: [] as number[], held: [] as number[], full: [] as number[] };
    const parts = { reading: [] as number[], linking: [] as number[] };
    for (let run = -WARM_UP; run < runs; run++) {
      const byLinking = await timeToFirstToken(async () => {
        const startedAt = performance.now();
        const blocks = await read(wanted);
        if (run >= 0) parts.reading.push(performance.now() - startedAt);
        const session = await vlm.link(blocks, NEVER);
        return { session, logits: await session.prefill([turn], NEVER) };
      });
      const byHeld = await timeToFirstToken(async () => {
        const startedAt = performance.now();
        const session = await vlm.link(inMemory, NEVER);
        if (run >= 0) parts.linking.push(performance.now() - startedAt);
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
      if (run < 0) continue;
      times.linked.push(byLinking.ms);
      times.held.push(byHeld.ms);
      times.full.push(byPrefill.ms);
    }
    samples.push(
      { name: `linked ${size}`, unit: 'ms', values: times.linked },
      { name: `held ${size}`, unit: 'ms', values: times.held },
      { name: `full prefill ${size}`, unit: 'ms', values: times.full },
      { name: `reading ${size}`, unit: 'ms', values: parts.reading },
      { name: `linking ${size}`, unit: 'ms', values: parts.linking },
      { name: `tokens ${size}`, unit: 'tokens', values: [inMemory.reduce((sum, { tokens }) => sum + tokens, 0)] },
    );
  }
  return samples;
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
