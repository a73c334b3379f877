// Eight-bit codes of K/V rows: keys by channel, values by token. kv-block.ts codes, kv-link.ts decodes.

import { float16Table, toFloat16 } from './tensor';

// [Note: int8 at rest] A code q in 0..255 stands for (q − zero) · scale; zero is a code too, so that 0 is kept exactly. Keys have a
// few channels that are large for every token (KIVI, arXiv 2402.02750; KVQuant, 2401.18079), and turning by position would mix
// them pairwise: so a key's code is its channel's over the block's tokens, taken before rotation. Values have no such channels:
// theirs is the token's over its channels. On mini's facts (`python -m training.mini.codes`, root mean square of the error over that of
// the rows): keys by channel 0.0031, by token 0.0054, by channel after rotation 0.0035; values by token 0.0048. Without a zero: keys
// 0.0041, values 0.0054. Float16: 0.0002.

/** scales: float16 bits, never negative. Both (groups). */
export interface AffineCode {
  readonly scales: Uint16Array;
  readonly zeros: Uint8Array;
}

/** The largest magnitude that float16 holds. */
export const MAX_REST = 65504;

const STEPS = 255;

export function emptyCode(groups: number): AffineCode {
  return { scales: new Uint16Array(groups), zeros: new Uint8Array(groups) };
}

/** Codes the keys of head `index` (of layers × kvHeads) by channel. rows: (tokens, headDim). */
export function codeChannels(
  rows: Float32Array,
  tokens: number,
  headDim: number,
  index: number,
  into: Uint8Array,
  code: AffineCode,
): void {
  const to = index * tokens * headDim;
  for (let d = 0; d < headDim; d++) codeGroup(rows, d, headDim, tokens, into, to, code, index * headDim + d);
}

/** Codes the values of head `index` by token. rows: (tokens, headDim). */
export function codeTokens(
  rows: Float32Array,
  tokens: number,
  headDim: number,
  index: number,
  into: Uint8Array,
  code: AffineCode,
): void {
  const to = index * tokens * headDim;
  for (let t = 0; t < tokens; t++) codeGroup(rows, t * headDim, 1, headDim, into, to, code, index * tokens + t);
}

/** One group: `count` numbers from `from` on, `stride` apart. No code is further than half a scale from its number. */
function codeGroup(
  rows: Float32Array,
  from: number,
  stride: number,
  count: number,
  into: Uint8Array,
  to: number,
  code: AffineCode,
  group: number,
): void {
  let low = 0;
  let high = 0;
  const end = from + count * stride;
  for (let i = from; i < end; i += stride) {
    const value = rows[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const bits = roundedUp((high - low) / STEPS);
  const scale = float16Table()[bits] as number;
  const zero = scale === 0 ? 0 : Math.round(-low / scale);
  code.scales[group] = bits;
  code.zeros[group] = zero;
  for (let i = from; i < end; i += stride) {
    const q = scale === 0 ? 0 : Math.round((rows[i] as number) / scale) + zero;
    into[to + i] = q < 0 ? 0 : q > STEPS ? STEPS : q;
  }
}

/** Bits of the smallest float16 that is not below `value`: rounded down, the scale could not reach the ends. */
function roundedUp(value: number): number {
  const bits = toFloat16(value);
  return (float16Table()[bits] as number) < value ? bits + 1 : bits;
}
