// Run after every load: one linked block must give what full prefill gives. A backend that grows caches wrongly (an open
// upstream risk for some GroupQueryAttention exports on WebGPU) would answer fluently from garbage.
import { factSegment, patchSegment, turnSegment } from '../core/prompt';
import type { Pixels, Segment } from '../core/types';
import type { Vlm } from './vlm';

/**
 * Largest difference of a logit that a sound backend may show, relative to the span of the logits. Seen: 1e-6 on WASM,
 * 1e-4 on software WebGPU (its trigonometry is coarse); a wrong position or a lost token gives more than 0.1.
 */
export const MAX_LOGIT_DIFFERENCE = 1e-2;

export interface SelfTest {
  readonly maxLogitDifference: number;
  readonly ms: number;
}

/** One block of words and a picture. Never throws for a wrong result: the caller decides. */
export async function selfTest(vlm: Vlm): Promise<SelfTest> {
  const startedAt = performance.now();
  const block = [...factSegment('Rex', 'Rex sleeps on the green rug.'), ...patchSegment('Rex', testCard())];
  const maxLogitDifference = await linkedAgainstFull(vlm, block);
  return { maxLogitDifference, ms: performance.now() - startedAt };
}

/** Largest logit difference between one block linked behind the prefix and the same text prefilled there. */
export async function linkedAgainstFull(vlm: Vlm, segment: Segment): Promise<number> {
  const never = new AbortController().signal;
  const turn = turnSegment('Where does Rex sleep?');
  const full = await vlm.link([], never);
  const linked = await vlm.link([await vlm.encodeBlockAs('float32', segment, never)], never);
  try {
    const expected = await full.prefill([segment, turn], never);
    const got = await linked.prefill([turn], never);
    return maxDifference(expected, got);
  } finally {
    full.dispose();
    linked.dispose();
  }
}

/** NaN counts as infinitely wrong. */
export function maxDifference(a: Float32Array, b: Float32Array): number {
  let worst = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  return worst;
}

/** A picture with something in every corner: (64, 64) RGBA. */
function testCard(): Pixels {
  const side = 64;
  const data = new Uint8ClampedArray(side * side * 4);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) data.set([x * 4, y * 4, (x ^ y) * 4, 255], (y * side + x) * 4);
  }
  return { widthPx: side, heightPx: side, data };
}
