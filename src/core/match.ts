// Photo matching: late interaction of a query photo with stored photos, the place where it matched, and who explains it best.

import { boxOverlap } from './image';
import { spread } from './score-map';
import { subjectBox } from './stages/mine';
import { subjectCells } from './stages/mine-signals';
import { cosine, dotRows } from './tensor';
import type { Box, ConceptId, PatchFeatures, PhotoId, PhotoVectors } from './types';

/** How a score becomes a probability: shipped with the encoder (pipeline/ports.ts says the formula). */
export interface MatchCalibration {
  readonly globalWeight: number;
  readonly slope: number;
  readonly bias: number;
  readonly threshold: number;
}

/** One concept as seen in one query photo. */
export interface PhotoMatch {
  readonly conceptId: ConceptId;
  readonly photoId: PhotoId; // the stored photo that matched best
  readonly score: number; // globalWeight · cos + (1 − globalWeight) · late interaction
  readonly probability: number;
  readonly place: Box; // where in the query photo
  readonly present: boolean; // above the threshold, and no other concept explains the same place better
  readonly likeness: Float32Array; // (query cells): greatest cosine with the stored photo's subject cells
}

// [Note: late interaction] ColBERT's MaxSim on patches: the mean, over the stored photo's subject cells, of the greatest cosine
// with any query cell. It asks "is every part of the thing somewhere in this photo?", so clutter in the query costs nothing and
// two concepts in one photo both score. 64 cells, evenly thinned, change the mean by under 0.01 on a 12 × 12 grid.
const CELLS_PER_PHOTO = 64;

/** Late interaction of a stored photo with a query, and its likeness map. Cost: 64 · query cells · dim. */
export function lateInteraction(
  query: PatchFeatures,
  stored: PatchFeatures,
  subject: Float32Array,
): { score: number; likeness: Float32Array } {
  const all = subjectCells(subject);
  const step = Math.max(1, Math.ceil(all.length / CELLS_PER_PHOTO));
  const queryCells = query.gridW * query.gridH;
  const likeness = new Float32Array(queryCells).fill(-1);
  let sum = 0;
  let count = 0;
  for (let index = 0; index < all.length; index += step) {
    const cell = all[index] as number;
    let best = -1;
    for (let at = 0; at < queryCells; at++) {
      const value = dotRows(stored.grid, cell, query.grid, at, query.dim);
      if (value > best) best = value;
      if (value > (likeness[at] as number)) likeness[at] = value;
    }
    sum += best;
    count++;
  }
  return { score: count === 0 ? 0 : sum / count, likeness };
}

export function probabilityOf(score: number, calibration: MatchCalibration): number {
  return 1 / (1 + Math.exp(-(calibration.slope * score + calibration.bias)));
}

/**
 * Every concept with stored vectors, best first. Vectors of another encoder must be left out by the caller. Stored photos
 * of one concept vote by their best; the probability is calibrated; a concept is present when it passes the threshold and
 * is not explained away by a better one at the same place.
 */
export function matchPhoto(
  query: PatchFeatures,
  vectors: readonly PhotoVectors[],
  calibration: MatchCalibration,
): PhotoMatch[] {
  const best = new Map<ConceptId, Omit<PhotoMatch, 'present' | 'place' | 'probability'>>();
  for (const stored of vectors) {
    if (stored.features.dim !== query.dim) continue;
    const { score: late, likeness } = lateInteraction(query, stored.features, stored.subject);
    const whole = cosine(query.global, stored.features.global);
    const score = calibration.globalWeight * whole + (1 - calibration.globalWeight) * late;
    const known = best.get(stored.conceptId);
    if (known !== undefined && known.score >= score) continue;
    best.set(stored.conceptId, { conceptId: stored.conceptId, photoId: stored.photoId, score, likeness });
  }
  const order = [...best.values()].sort((a, b) => b.score - a.score || a.conceptId.localeCompare(b.conceptId));
  const matches: PhotoMatch[] = [];
  for (const match of order) {
    const probability = probabilityOf(match.score, calibration);
    const place = placeOf(match.likeness, query.gridW, query.gridH);
    const rivals = matches.filter((other) => other.present);
    const present =
      probability >= calibration.threshold && rivals.every((rival) => !explains(rival, { ...match, place }));
    matches.push({ ...match, probability, place, present });
  }
  return matches;
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

const OWN_SHARE = 0.5; // a concept must be the better explanation of at least half of the cells it claims
const CLAIM = 0.6; // cells whose spread likeness is above this are claimed: the upper two fifths of its own range

/** Whether a better-scored concept matches the claimed cells better, at much the same place: then it is the same thing. */
function explains(rival: PhotoMatch, match: { readonly likeness: Float32Array; readonly place: Box }): boolean {
  const claimed = spread(match.likeness);
  let cells = 0;
  let own = 0;
  for (let cell = 0; cell < claimed.length; cell++) {
    if ((claimed[cell] as number) < CLAIM) continue;
    cells++;
    if ((match.likeness[cell] as number) > (rival.likeness[cell] as number)) own++;
  }
  if (cells > 0 && own / cells >= OWN_SHARE) return false;
  return own === 0 || boxOverlap(rival.place, match.place) > 0.1;
}
