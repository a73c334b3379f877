// Pixels to model input: one resampling for both models, the same on every machine and the same as in training.
//
// A canvas would do it faster, but differently in every browser, and privacy modes add noise to what it gives back.
import type { Pixels } from '../core/types';

/**
 * Squashes `pixels` to (height, width) and normalises: (x / 255 − mean) / std. Returns planar (3, height, width).
 * Triangle filter widened when shrinking, separable, horizontal first, rounded to bytes in between: what Pillow's
 * `resize((w, h), BILINEAR)` does, within one grey level.
 */
export function toPlanes(
  pixels: Pixels,
  widthPx: number,
  heightPx: number,
  mean: readonly number[],
  std: readonly number[],
): Float32Array {
  const small = resize(pixels, widthPx, heightPx);
  const area = widthPx * heightPx;
  const planes = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++) {
    const scale = 1 / (255 * (std[channel] ?? 1));
    const shift = (mean[channel] ?? 0) / (std[channel] ?? 1);
    for (let i = 0; i < area; i++) planes[channel * area + i] = (small[4 * i + channel] as number) * scale - shift;
  }
  return planes;
}

/** RGBA bytes, (heightPx, widthPx, 4). */
export function resize(pixels: Pixels, widthPx: number, heightPx: number): Uint8ClampedArray {
  if (pixels.widthPx === widthPx && pixels.heightPx === heightPx) return pixels.data;
  const across = filterTaps(pixels.widthPx, widthPx);
  const wide = new Uint8ClampedArray(widthPx * pixels.heightPx * 4);
  for (let y = 0; y < pixels.heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      sum(pixels.data, y * pixels.widthPx * 4, 4, across, x, wide, (y * widthPx + x) * 4);
    }
  }
  const down = filterTaps(pixels.heightPx, heightPx);
  const small = new Uint8ClampedArray(widthPx * heightPx * 4);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      sum(wide, x * 4, widthPx * 4, down, y, small, (y * widthPx + x) * 4);
    }
  }
  return small;
}

/** For every output place: its first input place, and `taps` weights that sum to 1. */
interface Taps {
  readonly taps: number;
  readonly starts: Int32Array; // (out)
  readonly counts: Int32Array; // (out)
  readonly weights: Float64Array; // (out, taps)
}

function filterTaps(from: number, to: number): Taps {
  const scale = from / to;
  const reach = Math.max(scale, 1); // half-width of the triangle, in input pixels
  const taps = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(to);
  const counts = new Int32Array(to);
  const weights = new Float64Array(to * taps);
  for (let out = 0; out < to; out++) {
    const centre = (out + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const count = Math.min(from, Math.trunc(centre + reach + 0.5)) - start;
    let total = 0;
    for (let i = 0; i < count; i++) {
      const weight = Math.max(0, 1 - Math.abs((start + i - centre + 0.5) / reach));
      weights[out * taps + i] = weight;
      total += weight;
    }
    for (let i = 0; i < count; i++) weights[out * taps + i] = (weights[out * taps + i] as number) / total;
    starts[out] = start;
    counts[out] = count;
  }
  return { taps, starts, counts, weights };
}

/** One output pixel: `to[at…at+3]` = weighted input pixels from `base`, `stride` bytes apart. Bytes clamp and round. */
function sum(
  from: Uint8ClampedArray,
  base: number,
  stride: number,
  { taps, starts, counts, weights }: Taps,
  out: number,
  to: Uint8ClampedArray,
  at: number,
): void {
  let r = 0;
  let g = 0;
  let b = 0;
  let a = 0;
  const count = counts[out] as number;
  let place = base + (starts[out] as number) * stride;
  for (let i = 0; i < count; i++) {
    const weight = weights[out * taps + i] as number;
    r += weight * (from[place] as number);
    g += weight * (from[place + 1] as number);
    b += weight * (from[place + 2] as number);
    a += weight * (from[place + 3] as number);
    place += stride;
  }
  to[at] = r;
  to[at + 1] = g;
  to[at + 2] = b;
  to[at + 3] = a;
}
