// From a score map on the encoder's grid to boxes: inside against ring at several scales, NMS, diverse top-k.

import { boxOverlap } from './image';
import { dotRows, normalise } from './tensor';
import type { Box, PatchFeatures } from './types';

/** A box on the grid with its score; cells are [left, right) × [top, bottom). */
export interface ScoredBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly score: number;
}

/** Maps values to 0..1 over the cells where mask ≥ `inside` (all cells without a mask); outside becomes 0. Flat becomes 0.5. */
export function spread(values: Float32Array, mask?: Float32Array, inside = 0.5): Float32Array {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (mask !== undefined && (mask[i] as number) < inside) continue;
    low = Math.min(low, values[i] as number);
    high = Math.max(high, values[i] as number);
  }
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (mask !== undefined && (mask[i] as number) < inside) continue;
    out[i] = high - low > 1e-6 ? ((values[i] as number) - low) / (high - low) : 0.5;
  }
  return out;
}

/** Otsu's threshold (IEEE SMC 9(1), 1979) over 64 bins of values in 0..1: the cut with the largest variance between. */
export function otsu(values: Float32Array): number {
  const bins = new Float64Array(64);
  for (const value of values) {
    const bin = Math.min(63, Math.max(0, Math.floor(value * 64)));
    bins[bin] = (bins[bin] as number) + 1;
  }
  let sum = 0;
  for (let bin = 0; bin < 64; bin++) sum += bin * (bins[bin] as number);
  let below = 0;
  let sumBelow = 0;
  let best = 0;
  let cut = 32;
  for (let bin = 0; bin < 63; bin++) {
    below += bins[bin] as number;
    sumBelow += bin * (bins[bin] as number);
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const gap = sumBelow / below - (sum - sumBelow) / above;
    const between = below * above * gap * gap;
    if (between > best) {
      best = between;
      cut = bin + 1;
    }
  }
  return cut / 64;
}

/** Sums over any rectangle in four reads. (height + 1, width + 1) */
export function integral(map: Float32Array, width: number, height: number): Float64Array {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += map[y * width + x] as number;
      sums[(y + 1) * stride + x + 1] = (sums[y * stride + x + 1] as number) + row;
    }
  }
  return sums;
}

function sumIn(sums: Float64Array, width: number, left: number, top: number, right: number, bottom: number): number {
  const stride = width + 1;
  return (
    (sums[bottom * stride + right] as number) -
    (sums[top * stride + right] as number) -
    (sums[bottom * stride + left] as number) +
    (sums[top * stride + left] as number)
  );
}

// Sides as shares of the grid: an eye or logo, a head, half a body, most of it. Below a quarter of a 12-cell grid a box
// holds 2 × 2 cells, less than the encoder's receptive field resolves.
const BOX_SIDES = [0.25, 0.35, 0.5, 0.7];
const BOX_SHAPES: readonly (readonly [number, number])[] = [
  [1, 1],
  [1.5, 1],
  [1, 1.5],
];
const RING = 1 / 3; // ring width as a share of the side, as in centre-surround saliency
const RING_WEIGHT = 0.5; // half: a good box in a good neighbourhood is still good
const LEAST_COVERAGE = 0.5; // at least half of a patch is subject (Jarvis: "enough mask coverage")

/** Every box that covers the subject, scored inside against its ring. maps: (gridH, gridW) in 0..1. */
export function proposeBoxes(score: Float32Array, subject: Float32Array, gridW: number, gridH: number): ScoredBox[] {
  const sums = integral(score, gridW, gridH);
  const masks = integral(subject, gridW, gridH);
  const boxes: ScoredBox[] = [];
  const seen = new Set<string>();
  for (const side of BOX_SIDES) {
    for (const [stretchW, stretchH] of BOX_SHAPES) {
      const w = Math.max(2, Math.min(gridW, Math.round(side * Math.min(gridW, gridH) * stretchW)));
      const h = Math.max(2, Math.min(gridH, Math.round(side * Math.min(gridW, gridH) * stretchH)));
      if (w > gridW || h > gridH || seen.has(`${w}x${h}`)) continue;
      seen.add(`${w}x${h}`);
      const ring = Math.max(1, Math.round(Math.min(w, h) * RING));
      for (let top = 0; top + h <= gridH; top++) {
        for (let left = 0; left + w <= gridW; left++) {
          if (sumIn(masks, gridW, left, top, left + w, top + h) < LEAST_COVERAGE * w * h) continue;
          const inside = sumIn(sums, gridW, left, top, left + w, top + h);
          const outLeft = Math.max(0, left - ring);
          const outTop = Math.max(0, top - ring);
          const outRight = Math.min(gridW, left + w + ring);
          const outBottom = Math.min(gridH, top + h + ring);
          const ringArea = (outRight - outLeft) * (outBottom - outTop) - w * h;
          const around = sumIn(sums, gridW, outLeft, outTop, outRight, outBottom) - inside;
          const contrast = inside / (w * h) - (ringArea > 0 ? (RING_WEIGHT * around) / ringArea : 0);
          boxes.push({ left, top, right: left + w, bottom: top + h, score: contrast });
        }
      }
    }
  }
  return boxes;
}

export function toBox(box: ScoredBox, gridW: number, gridH: number): Box {
  return {
    x: box.left / gridW,
    y: box.top / gridH,
    w: (box.right - box.left) / gridW,
    h: (box.bottom - box.top) / gridH,
  };
}

/** Greedy non-maximum suppression, best first; ties go to the upper left, so the result does not depend on input order. */
export function suppress(boxes: readonly ScoredBox[], most: number): ScoredBox[] {
  const order = [...boxes].sort(byScore);
  const kept: ScoredBox[] = [];
  for (const box of order) {
    if (kept.every((other) => boxOverlap(toBox(box, 1, 1), toBox(other, 1, 1)) <= most)) kept.push(box);
  }
  return kept;
}

/**
 * The k boxes that say most together (maximal marginal relevance, Carbonell & Goldstein 1998): score minus `weight` times
 * the greatest cosine with the mean feature of a box already taken. `boxes` best first.
 */
export function diverseTop(
  boxes: readonly ScoredBox[],
  k: number,
  features: PatchFeatures,
  weight: number,
  taken: readonly ScoredBox[] = [],
): ScoredBox[] {
  const left = boxes.map((box) => ({ box, mean: meanFeature(box, features) }));
  const means = taken.map((box) => meanFeature(box, features));
  const chosen: ScoredBox[] = [];
  while (chosen.length < k && left.length > 0) {
    let best = 0;
    let bestValue = -Infinity;
    left.forEach(({ box, mean }, index) => {
      const alike = means.reduce((most, other) => Math.max(most, dotRows(mean, 0, other, 0, features.dim)), 0);
      const value = box.score - weight * alike;
      if (value > bestValue) {
        best = index;
        bestValue = value;
      }
    });
    const [next] = left.splice(best, 1);
    if (next === undefined) break;
    chosen.push(next.box);
    means.push(next.mean);
  }
  return chosen;
}

function meanFeature(box: ScoredBox, { grid, gridW, dim }: PatchFeatures): Float32Array {
  const mean = new Float32Array(dim);
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      const at = (y * gridW + x) * dim;
      for (let d = 0; d < dim; d++) mean[d] = (mean[d] as number) + (grid[at + d] as number);
    }
  }
  return normalise(mean);
}

function byScore(a: ScoredBox, b: ScoredBox): number {
  return b.score - a.score || a.top - b.top || a.left - b.left || b.right - a.right || b.bottom - a.bottom;
}
