// Photo matching: late interaction of a query photo with stored photos, the place where it matched, and who explains it best.

import { spread } from './score-map';
import { subjectBox } from './stages/mine';
import { subjectCells, type FeatureRows } from './stages/mine-signals';
import { cosine, dotRows } from './tensor';
import type { Box, ConceptId, PatchFeatures, PhotoId, PhotoVectors } from './types';

/** How a score becomes a probability: shipped with the encoder (pipeline/ports.ts says the formula). */
export interface MatchCalibration {
  readonly globalWeight: number;
  readonly slope: number;
  readonly bias: number;
  readonly threshold: number;
  readonly backgroundSharpness?: number; // 0 or none: every cell counts alike
}

/** One concept as seen in one query photo. */
export interface PhotoMatch {
  readonly conceptId: ConceptId;
  readonly photoId: PhotoId; // the stored photo that matched best
  readonly score: number; // globalWeight · cos + (1 − globalWeight) · late interaction
  readonly probability: number;
  readonly place: Box; // where in the query photo
  readonly present: boolean; // above the threshold, and no other concept explains the same place better
}

// [Note: late interaction] ColBERT's MaxSim on cells, in both directions: the mean, over the cells of one photo, of the greatest
// cosine with any cell of the other; then the mean of the two directions. A cell counts by exp(−sharpness · its greatest
// cosine with the background bank), so ground says little. training/patch/calibrate.py computes the same and fits the curve.

/** Scores of at most this many stored photos are computed in full, nearest global vectors first: 24 take 130 ms of processor time at 14 × 14 × 96. */
const FULL_MATCHES = 24;

interface Compared {
  readonly stored: PhotoVectors;
  readonly whole: number; // cosine of the global vectors
  readonly rowBest: Float32Array; // (query cells): greatest cosine with any stored cell
  readonly columnMean: number; // weighted mean, over stored cells, of the greatest cosine with a query cell
  readonly likeness: Float32Array; // (query cells): greatest cosine with the stored photo's subject cells
}

/**
 * Every concept with stored vectors, best first. Vectors of another encoder must be left out by the caller. The stored photos
 * of a concept vote by their best. Then the concepts are gone through from the best: each present one takes the cells that it
 * explains, and the others are scored on what is left, so that two concepts in one photo are two matches with two places.
 */
export function matchPhoto(
  query: PatchFeatures,
  vectors: readonly PhotoVectors[],
  bank: FeatureRows,
  calibration: MatchCalibration,
): PhotoMatch[] {
  const sharpness = calibration.backgroundSharpness ?? 0;
  const weights = cellWeights(query, bank, sharpness);
  const nearest = vectors
    .filter(({ features }) => features.dim === query.dim)
    .map((stored) => ({ stored, whole: cosine(query.global, stored.features.global) }))
    .sort((a, b) => b.whole - a.whole || a.stored.photoId.localeCompare(b.stored.photoId))
    .slice(0, FULL_MATCHES);
  const compared = nearest.map(({ stored, whole }) => compare(query, stored, whole, bank, sharpness));
  const left = new Map(
    compared.map((one) => [one.stored.conceptId, bestOf(one.stored.conceptId, compared, weights, calibration)]),
  );
  const matches: PhotoMatch[] = [];
  const taken = weights.slice();
  let rivals: Scored[] = [];
  while (left.size > 0) {
    let [best] = left.values();
    for (const one of left.values()) if (best === undefined || one.score > best.score) best = one;
    if (best === undefined) break;
    const { conceptId, photoId } = best.compared.stored;
    left.delete(conceptId);
    const probability = probabilityOf(best.score, calibration);
    const place = placeOf(best.compared.likeness, query.gridW, query.gridH);
    const scored = best;
    const present = probability >= calibration.threshold && rivals.every((rival) => !explains(rival, scored));
    matches.push({ conceptId, photoId, score: best.score, probability, place, present });
    if (!present) continue;
    rivals = [...rivals, best];
    // What this one explains no longer speaks against the others.
    claimedCells(best.compared.likeness).forEach((claimed, cell) => {
      if (claimed === 1) taken[cell] = 0;
    });
    for (const id of left.keys()) left.set(id, rescored(id, compared, taken, calibration, left.get(id)));
  }
  return matches;
}

export function probabilityOf(score: number, calibration: MatchCalibration): number {
  return 1 / (1 + Math.exp(-(calibration.slope * score + calibration.bias)));
}

interface Scored {
  readonly compared: Compared;
  readonly score: number;
}

function bestOf(
  id: ConceptId,
  compared: readonly Compared[],
  weights: Float32Array,
  { globalWeight }: MatchCalibration,
): Scored {
  let best: Scored | undefined;
  for (const one of compared) {
    if (one.stored.conceptId !== id) continue;
    const late = (weightedMean(one.rowBest, weights) + one.columnMean) / 2;
    const score = globalWeight * one.whole + (1 - globalWeight) * late;
    if (best === undefined || score > best.score) best = { compared: one, score };
  }
  if (best === undefined) throw new RangeError(`no photo of ${id}`);
  return best;
}

/**
 * The score once others have taken their cells. The global vector of a photo of two things describes neither, so the late
 * interaction of what is left stands in where it is higher. Never lower than before.
 */
function rescored(
  id: ConceptId,
  compared: readonly Compared[],
  weights: Float32Array,
  { globalWeight }: MatchCalibration,
  before: Scored | undefined,
): Scored {
  let best = before;
  for (const one of compared) {
    if (one.stored.conceptId !== id) continue;
    const late = (weightedMean(one.rowBest, weights) + one.columnMean) / 2;
    const score = globalWeight * Math.max(one.whole, late) + (1 - globalWeight) * late;
    if (best === undefined || score > best.score) best = { compared: one, score };
  }
  if (best === undefined) throw new RangeError(`no photo of ${id}`);
  return best;
}

/** All cosines of two grids in one pass. Cost: query cells · stored cells · dim, 4 M multiplications at 14 × 14 × 96. */
function compare(
  query: PatchFeatures,
  stored: PhotoVectors,
  whole: number,
  bank: FeatureRows,
  sharpness: number,
): Compared {
  const { features } = stored;
  const queryCells = query.gridW * query.gridH;
  const storedCells = features.gridW * features.gridH;
  const rowBest = new Float32Array(queryCells).fill(-1);
  const columnBest = new Float32Array(storedCells).fill(-1);
  const likeness = new Float32Array(queryCells).fill(-1);
  const isSubject = new Uint8Array(storedCells);
  for (const cell of subjectCells(stored.subject)) isSubject[cell] = 1;
  for (let at = 0; at < queryCells; at++) {
    for (let cell = 0; cell < storedCells; cell++) {
      const value = dotRows(query.grid, at, features.grid, cell, query.dim);
      if (value > (rowBest[at] as number)) rowBest[at] = value;
      if (value > (columnBest[cell] as number)) columnBest[cell] = value;
      if (isSubject[cell] === 1 && value > (likeness[at] as number)) likeness[at] = value;
    }
  }
  const columnMean = weightedMean(columnBest, cellWeights(features, bank, sharpness));
  return { stored, whole, rowBest, columnMean, likeness };
}

// Weights depend on a photo and the bank alone; stored photos keep theirs while they are in memory.
const knownWeights = new WeakMap<PatchFeatures, { bank: FeatureRows; sharpness: number; weights: Float32Array }>();

/** How much each cell counts, (cells) summing to 1. */
function cellWeights(photo: PatchFeatures, bank: FeatureRows, sharpness: number): Float32Array {
  const known = knownWeights.get(photo);
  if (known?.bank === bank && known.sharpness === sharpness) return known.weights;
  const cells = photo.gridW * photo.gridH;
  const weights = new Float32Array(cells).fill(1 / cells);
  if (sharpness > 0 && bank.rows > 0 && bank.dim === photo.dim) {
    let sum = 0;
    for (let cell = 0; cell < cells; cell++) {
      let near = -1;
      for (let row = 0; row < bank.rows; row++)
        near = Math.max(near, dotRows(photo.grid, cell, bank.data, row, bank.dim));
      const weight = Math.exp(-sharpness * near);
      weights[cell] = weight;
      sum += weight;
    }
    for (let cell = 0; cell < cells; cell++) weights[cell] = (weights[cell] as number) / sum;
  }
  knownWeights.set(photo, { bank, sharpness, weights });
  return weights;
}

function weightedMean(values: Float32Array, weights: Float32Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += (values[i] as number) * (weights[i] as number);
    total += weights[i] as number;
  }
  return total > 0 ? sum / total : 0;
}

/** Where the likeness is high: the box of the cells above Otsu's cut. */
function placeOf(likeness: Float32Array, gridW: number, gridH: number): Box {
  const box = subjectBox(spread(likeness), gridW, gridH);
  return {
    x: box.left / gridW,
    y: box.top / gridH,
    w: (box.right - box.left) / gridW,
    h: (box.bottom - box.top) / gridH,
  };
}

// Cells whose spread likeness is above this are claimed: the upper two fifths of a match's own range.
const CLAIM = 0.6;
// Two matches that share more than half of the smaller claim speak of one thing: the better one is right. On the home suite's
// photos this drops the twin of each red car, dog and mug, and keeps a mug beside a dog.
const SAME_THING = 0.5;

function claimedCells(likeness: Float32Array): Uint8Array {
  return Uint8Array.from(spread(likeness), (value) => (value >= CLAIM ? 1 : 0));
}

/** Whether a better-scored concept claims much the same cells. */
function explains(rival: Scored, match: Scored): boolean {
  const theirs = claimedCells(rival.compared.likeness);
  const mine = claimedCells(match.compared.likeness);
  let [shared, theirCells, myCells] = [0, 0, 0];
  for (let cell = 0; cell < mine.length; cell++) {
    theirCells += theirs[cell] as number;
    myCells += mine[cell] as number;
    shared += (theirs[cell] as number) & (mine[cell] as number);
  }
  return shared > SAME_THING * Math.min(theirCells, myCells);
}
