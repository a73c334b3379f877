// Stage 2, mine: finds the patches that make this concept *this one*. Six signals on the encoder's grid, one map, boxes.
// Each signal is a counterpart of what the Jarvis paper takes from Grounded-SAM, diffusion inversion and CLIP (design §6).

import { clampBox } from '../image';
import { diverseTop, otsu, proposeBoxes, spread, suppress, toBox, type ScoredBox } from '../score-map';
import type { Box, PatchFeatures } from '../types';
import {
  backgroundLikeness,
  consistency,
  coSegment,
  difficulty,
  objectness,
  distinctiveness,
  type FeatureRows,
} from './mine-signals';

export interface MineOptions {
  /** Share of each signal in the score; 0 switches it off. Ablated by bench/. */
  readonly weights: {
    readonly background: number;
    readonly difficulty: number;
    readonly consistency: number;
    readonly siblings: number;
  };
  readonly coSegmentation: boolean;
  readonly detailsPerPhoto: number; // patches besides the one around the whole subject
  readonly overlap: number; // NMS threshold, IoU
  readonly diversity: number; // weight of likeness to patches already taken
}

/**
 * Weights: where there are siblings, what tells them apart counts most. On the development sets of training/render/siblings.py the top four
 * boxes cover half of the part that differs in 0.59 of the photos with equal shares and bare distance to siblings, 0.69 with equal
 * shares and `distinctiveness`, 0.74 with these. Consistency counts for little: with two photos it is mostly pose.
 * Overlap 0.3: above it two outlines on a photo read as one. Two details beside the subject: 16 visual tokens each, so
 * three patches cost mini no more than four facts.
 */
export const MINE_DEFAULTS: MineOptions = {
  weights: { background: 0.5, difficulty: 0.5, consistency: 0.25, siblings: 3 },
  coSegmentation: true,
  detailsPerPhoto: 2,
  overlap: 0.3,
  diversity: 0.3,
};

export interface Mined {
  readonly scoreMap: Float32Array; // (gridH, gridW), 0..1
  readonly subject: Float32Array; // (gridH, gridW), 0..1
  readonly patches: readonly { readonly box: Box; readonly score: number }[];
}

/**
 * Mines all photos of one concept together. `bank`: what backgrounds look like. `siblings`: subject cells of the user's
 * other concepts. Deterministic; photos in, results out in the same order. One photo alone takes 21 ms of processor
 * time at 14 × 14 × 96, three together 96 ms.
 */
export function minePhotos(
  photos: readonly PatchFeatures[],
  bank: FeatureRows,
  siblings: FeatureRows,
  options: MineOptions = MINE_DEFAULTS,
): Mined[] {
  const alone = photos.map((photo) => objectness(photo));
  const subjects = options.coSegmentation && photos.length > 1 ? coSegment(photos, alone) : alone;
  const agreeing = options.weights.consistency > 0 && photos.length > 1 ? consistency(photos, subjects) : undefined;
  const distinct =
    options.weights.siblings > 0 && siblings.rows > 0 ? distinctiveness(photos, subjects, siblings) : undefined;
  return photos.map((photo, index) => {
    const subject = subjects[index] ?? objectness(photo);
    const score = scoreMap(photo, subject, bank, distinct?.[index], agreeing?.[index], options);
    return { scoreMap: score, subject, patches: pickPatches(photo, score, subject, options) };
  });
}

/** S = subject · weighted mean of the signals, each spread to 0..1 inside the subject. */
function scoreMap(
  photo: PatchFeatures,
  subject: Float32Array,
  bank: FeatureRows,
  distinct: Float32Array | undefined,
  agreeing: Float32Array | undefined,
  { weights }: MineOptions,
): Float32Array {
  const parts: { readonly weight: number; readonly map: Float32Array }[] = [];
  if (weights.background > 0 && bank.rows > 0) {
    parts.push({ weight: weights.background, map: inverted(backgroundLikeness(photo, bank)) });
  }
  if (weights.difficulty > 0) parts.push({ weight: weights.difficulty, map: difficulty(photo) });
  if (agreeing !== undefined) parts.push({ weight: weights.consistency, map: agreeing });
  if (distinct !== undefined) parts.push({ weight: weights.siblings, map: distinct });
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const score = new Float32Array(subject.length);
  if (total === 0) return subject.slice();
  for (const { weight, map } of parts) {
    const inside = spread(map, subject);
    for (let i = 0; i < score.length; i++) score[i] = (score[i] as number) + (weight / total) * (inside[i] as number);
  }
  for (let i = 0; i < score.length; i++) score[i] = (score[i] as number) * (subject[i] as number);
  return score;
}

/** First the box around the whole subject, then the details. */
function pickPatches(
  photo: PatchFeatures,
  score: Float32Array,
  subject: Float32Array,
  options: MineOptions,
): { box: Box; score: number }[] {
  const { gridW, gridH } = photo;
  const whole = subjectBox(subject, gridW, gridH);
  const details = suppress(proposeBoxes(score, subject, gridW, gridH), options.overlap);
  const wholeArea = (whole.right - whole.left) * (whole.bottom - whole.top);
  // A detail as large as the subject says nothing new; 60 % leaves halves of it.
  const smaller = details.filter((box) => (box.right - box.left) * (box.bottom - box.top) < 0.6 * wholeArea);
  const chosen = diverseTop(smaller, options.detailsPerPhoto, photo, options.diversity);
  return [whole, ...chosen].map((box) => ({ box: clampBox(toBox(box, gridW, gridH)), score: Math.max(0, box.score) }));
}

/** The smallest box that holds 90 % of the subject's mass, cut row by row and column by column from the edges. */
export function subjectBox(subject: Float32Array, gridW: number, gridH: number): ScoredBox {
  const cut = Math.max(0.5, otsu(subject));
  const columns = new Float64Array(gridW);
  const rows = new Float64Array(gridH);
  let mass = 0;
  for (let y = 0; y < gridH; y++) {
    for (let x = 0; x < gridW; x++) {
      const value = subject[y * gridW + x] as number;
      if (value < cut) continue;
      columns[x] = (columns[x] as number) + value;
      rows[y] = (rows[y] as number) + value;
      mass += value;
    }
  }
  if (mass === 0) return { left: 0, top: 0, right: gridW, bottom: gridH, score: 0 };
  const [left, right] = trim(columns, 0.05 * mass);
  const [top, bottom] = trim(rows, 0.05 * mass);
  return { left, top, right, bottom, score: mass / Math.max(1, (right - left) * (bottom - top)) };
}

/** Drops bins from both ends while less than `slack` mass is lost in all; at least two bins stay. */
function trim(bins: Float64Array, slack: number): [number, number] {
  let start = 0;
  let end = bins.length;
  let lost = 0;
  while (end - start > 2) {
    const first = bins[start] as number;
    const last = bins[end - 1] as number;
    const least = Math.min(first, last);
    if (lost + least > slack) break;
    lost += least;
    if (first <= last) start++;
    else end--;
  }
  return [start, end];
}

function inverted(values: Float32Array): Float32Array {
  return values.map((value) => 1 - value);
}
