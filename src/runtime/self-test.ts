// Run after every load: one linked block must give what full prefill gives. A backend that grows caches wrongly (an open
// upstream risk for some GroupQueryAttention exports on WebGPU) would answer fluently from garbage.
import { factSegment, patchSegment, turnSegment } from '../core/prompt';
import type { Pixels, Segment } from '../core/types';
import type { Vlm } from './vlm';

/**
 * Largest difference of a logit that a sound backend may show, of the span of the logits, by the type of its cache. Seen in float32: 1e-6 on WASM,
 * below 1e-4 on software WebGPU (its trigonometry is coarse); a block of mini's linked one place off gives 7e-3, a lost token more than 0.1.
 * In float16 a key is right to 5e-4; no card that computes in it was at hand, so that figure is chosen between the two.
 */
export const MAX_LOGIT_DIFFERENCE = { float32: 1e-3, float16: 5e-3 } as const;

export interface SelfTest {
  readonly maxLogitDifference: number; // of the span of the logits
  readonly ms: number;
  /** How many of three pairs of plain colours are told apart the right way round; undefined when that was not asked. */
  readonly colours?: number | undefined;
}

/**
 * How much is tested. 'words': one block of words, every time a model is loaded that passed before in this browser. 'pictures': a
 * picture in the block too. 'thorough': and a known question about pictures; after a download and after an upgrade of the browser.
 * A picture costs SmolVLM-256M seconds on WASM, so it is not run through it at every start.
 */
export type Thoroughness = 'words' | 'pictures' | 'thorough';

/** Never throws for a wrong result: the caller decides. */
export async function selfTest(vlm: Vlm, how: Thoroughness = 'pictures'): Promise<SelfTest> {
  const startedAt = performance.now();
  const words = factSegment('Rex', 'Rex sleeps on the green rug.');
  const maxLogitDifference = await linkedAgainstFull(
    vlm,
    how === 'words' ? words : [...words, ...patchSegment('Rex', testCard())],
  );
  const colours = how === 'thorough' ? await coloursToldApart(vlm) : undefined;
  return { maxLogitDifference, ms: performance.now() - startedAt, colours };
}

const COLOURS: readonly (readonly [word: string, rgb: readonly [number, number, number]])[] = [
  ['red', [220, 30, 30]],
  ['green', [30, 170, 50]],
  ['blue', [40, 70, 220]],
];

/**
 * [Note: A known picture] "What colour is this?" of a plain red, green and blue picture. A pair is told apart when the model leans more
 * to the first word for the first picture than for the second, so what it would say anyway cancels out. Weights that see get all three,
 * chance one and a half, and a tower that is not heard at all none: that is what fails. undefined where the words are no single tokens.
 */
async function coloursToldApart(vlm: Vlm): Promise<number | undefined> {
  const ids = COLOURS.map(([word]) => vlm.model.tokenize(` ${word}`));
  if (ids.some((tokens) => tokens.length !== 1)) return undefined;
  const never = new AbortController().signal;
  const lean: number[][] = []; // of picture, to word
  for (const [, rgb] of COLOURS) {
    const session = await vlm.link([], never);
    try {
      const logits = await session.prefill([turnSegment('What colour is this?', '', plain(rgb))], never);
      lean.push(ids.map(([id]) => logits[id ?? 0] ?? NaN));
    } finally {
      session.dispose();
    }
  }
  let right = 0;
  for (let a = 0; a < COLOURS.length; a++) {
    for (let b = a + 1; b < COLOURS.length; b++) {
      const first = (lean[a]?.[a] ?? NaN) - (lean[a]?.[b] ?? NaN);
      const second = (lean[b]?.[a] ?? NaN) - (lean[b]?.[b] ?? NaN);
      if (first > second) right++;
    }
  }
  return right;
}

function plain([r, g, b]: readonly [number, number, number]): Pixels {
  const side = 32;
  const data = new Uint8ClampedArray(side * side * 4);
  for (let at = 0; at < data.length; at += 4) data.set([r, g, b, 255], at);
  return { widthPx: side, heightPx: side, data };
}

/** Largest logit difference between one block linked behind the prefix and the same text prefilled there, of the span of the logits. */
export async function linkedAgainstFull(vlm: Vlm, segment: Segment): Promise<number> {
  const never = new AbortController().signal;
  const turn = turnSegment('Where does Rex sleep?');
  const full = await vlm.link([], never);
  const linked = await vlm.link([await vlm.encodeBlockAs('float32', segment, never)], never);
  try {
    const expected = await full.prefill([segment, turn], never);
    const got = await linked.prefill([turn], never);
    return shareOfSpan(expected, got);
  } finally {
    full.dispose();
    linked.dispose();
  }
}

/**
 * The largest difference as a share of the span of `expected`: what float16 leaves uncertain grows with the logits, and those of one model
 * span 4, of another 60. Logits that are all alike, or not finite, are infinitely wrong.
 */
export function shareOfSpan(expected: Float32Array, got: Float32Array): number {
  let [least, most] = [Infinity, -Infinity];
  for (const value of expected) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const share = maxDifference(expected, got) / (most - least);
  return Number.isFinite(share) ? share : Infinity;
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
