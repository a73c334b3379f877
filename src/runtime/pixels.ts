// Pixels to model input: one resampling for both models, the same on every machine and the same as in training.
//
// A canvas would do it faster, but differently in every browser, and privacy modes add noise to what it gives back.
import type { Pixels } from '../core/types';

/** Pillow's resampling filters, by the names and numbers that model configs use. */
export const FILTERS = {
  bilinear: { number: 2, reach: 1, weight: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { number: 3, reach: 2, weight: (x: number) => cubic(Math.abs(x)) },
  lanczos: { number: 1, reach: 3, weight: (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const;

export type FilterName = keyof typeof FILTERS;

/**
 * Squashes `pixels` to (height, width) and normalises: (x / 255 − mean) / std. Returns planar (3, height, width).
 * What Pillow's `resize((width, height), filter)` does, within one grey level: the filter is widened when shrinking,
 * horizontal goes first, and what lies between is rounded to bytes.
 */
export function toPlanes(
  pixels: Pixels,
  widthPx: number,
  heightPx: number,
  { mean, std, filter }: { mean: readonly number[]; std: readonly number[]; filter: FilterName },
): Float32Array {
  const small = resize(pixels, widthPx, heightPx, filter);
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
export function resize(pixels: Pixels, widthPx: number, heightPx: number, filter: FilterName): Uint8ClampedArray {
  if (pixels.widthPx === widthPx && pixels.heightPx === heightPx) return pixels.data;
  const across = filterTaps(pixels.widthPx, widthPx, filter);
  const wide = new Uint8ClampedArray(widthPx * pixels.heightPx * 4);
  for (let y = 0; y < pixels.heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      sum(pixels.data, y * pixels.widthPx * 4, 4, across, x, wide, (y * widthPx + x) * 4);
    }
  }
  const down = filterTaps(pixels.heightPx, heightPx, filter);
  const small = new Uint8ClampedArray(widthPx * heightPx * 4);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      sum(wide, x * 4, widthPx * 4, down, y, small, (y * widthPx + x) * 4);
    }
  }
  return small;
}

/** Keys's cubic with a = −0.5 (Catmull-Rom), as Pillow has it. */
function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** For every output place: its first input place, and `taps` weights that sum to 1. */
interface Taps {
  readonly taps: number;
  readonly starts: Int32Array; // (out)
  readonly counts: Int32Array; // (out)
  readonly weights: Float64Array; // (out, taps)
}

function filterTaps(from: number, to: number, filter: FilterName): Taps {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const { reach: width, weight: weigh } = FILTERS[filter];
  const reach = width * stretch; // in input pixels
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
      const weight = weigh((start + i - centre + 0.5) / stretch);
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
