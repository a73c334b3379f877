// Photo matching: late interaction of a query photo with stored photos, the places where they match, and who is there.

import { nearBackground } from './background-bank';
import { boxOverlap } from './image';
import { placesOf } from './place';
import { subjectCells, type FeatureRows } from './stages/mine-signals';
import { cosine, dotRows } from './tensor';
import type { Box, ConceptId, PatchFeatures, PhotoId, PhotoVectors } from './types';

/** P(present) = 1 / (1 + exp(−(slope · score + bias))). */
export interface MatchCurve {
  readonly slope: number;
  readonly bias: number;
  readonly threshold: number; // probability above which a concept counts as present
}

/** How a score is made and what it means, shipped with the encoder: score = globalWeight · cos + (1 − globalWeight) · late interaction. */
export interface MatchCalibration extends MatchCurve {
  readonly globalWeight: number;
  /** Late interaction weighs a cell by exp(−sharpness · its greatest cosine with the background bank). 0 or none: all alike. */
  readonly backgroundSharpness?: number;
  /** Curves of concepts with fewer photos, for one photo first: the best of one is lower than the best of three. */
  readonly fewer?: readonly MatchCurve[];
  /** Nobody measured the curve: it is fitted to the user's photos as they come ([Note: Calibrating on one's own photos]). */
  readonly isGuess?: boolean;
}

/** One concept as seen in one query photo. */
export interface PhotoMatch {
  readonly conceptId: ConceptId;
  readonly photoId: PhotoId; // the stored photo that matched best
  readonly score: number; // globalWeight · cos + (1 − globalWeight) · late interaction
  readonly probability: number;
  readonly place: Box; // where in the query photo
  readonly present: boolean; // above the threshold, and nobody else explains the same place better
}

// [Note: late interaction] ColBERT's MaxSim on cells, in both directions: the mean, over the cells of one photo, of the greatest
// cosine with any cell of the other; then the mean of the two directions. A cell counts by exp(−sharpness · its greatest
// cosine with the background bank), so ground says little. training/patch/calibrate.py computes the same and fits the curve.

/** At most this many stored photos are compared cell by cell, [Note: Photo candidates]: 24 take 130 ms of processor time at 14 × 14 × 96. */
export const FULL_MATCHES = 24;

/** Concepts whose place in the photo is looked for, best first; a closer look is taken at each. */
const CANDIDATES = 4;

interface Compared {
  readonly stored: PhotoVectors;
  readonly score: number;
  readonly likeness: Float32Array; // (query cells): greatest cosine with the stored photo's subject cells
}

/**
 * The concepts of the stored photos it is compared with, best first; the photos of a concept vote by their best. The first CANDIDATES have a
 * place of their own, the others the whole photo. `present` is what this one look says: only the best of all, above the threshold.
 * `photosOf`: how many photos a concept has in all. Vectors of another encoder must be left out by the caller.
 */
export function matchPhoto(
  query: PatchFeatures,
  vectors: readonly PhotoVectors[],
  bank: FeatureRows,
  calibration: MatchCalibration,
  photosOf = (id: ConceptId): number => vectors.filter(({ conceptId }) => conceptId === id).length,
): PhotoMatch[] {
  const best = new Map<ConceptId, Compared>();
  for (const stored of vectors) {
    if (stored.features.dim !== query.dim) continue;
    const compared = compare(query, stored, bank, calibration);
    const known = best.get(stored.conceptId);
    const isBetter = known === undefined || compared.score > known.score;
    if (isBetter || (compared.score === known.score && stored.photoId < known.stored.photoId))
      best.set(stored.conceptId, compared);
  }
  const ranked = [...best.values()].sort((a, b) => b.score - a.score);
  const places = placesOf(
    ranked.slice(0, CANDIDATES).map(({ likeness }) => likeness),
    nearBackground(query, bank),
    query.gridW,
    query.gridH,
  );
  return ranked.map(({ stored: { conceptId, photoId }, score }, at) => {
    const curve = curveOf(photosOf(conceptId), calibration);
    const probability = probabilityOf(score, curve);
    const present = at === 0 && probability >= curve.threshold;
    return { conceptId, photoId, score, probability, place: places[at] ?? { x: 0, y: 0, w: 1, h: 1 }, present };
  });
}

export function probabilityOf(score: number, { slope, bias }: MatchCurve): number {
  return 1 / (1 + Math.exp(-(slope * score + bias)));
}

/** The curve for a concept of so many photos. */
function curveOf(photos: number, calibration: MatchCalibration): MatchCurve {
  return calibration.fewer?.[photos - 1] ?? calibration;
}

// [Note: Closer looks at a photo] A photo of two things is like neither's photos as a whole, but each is like them where it stands. So the
// candidates of the whole photo are looked at again: each place is cut out with some ground around it and matched like a photo of
// its own. A concept is there if it is the best match of its own cut, sure enough. On rendered photos of two things of other seeds
// than those judged 0.87 of the things are found so (0.22 by the whole photo alone) and none that is not there; where one thing stood, its
// look-alikes fall away (on the home suite from 7 to 1).

/** Around a place, as a share of its sides. */
const MARGIN = 0.1;
/** Stored photos that a cut is compared with: of the candidate, and of others. */
export const CUT_MATCHES = { own: 3, others: 6 };
/** A thing on less of the photo than SMALL is seen in few pixels: it has matched if it is likelier than SMALL_THRESHOLD. */
const SMALL = 0.5;
const SMALL_THRESHOLD = 0.4;
/** Two concepts whose places overlap more speak of one thing: the likelier is right. */
const SAME_PLACE = 0.5;

/** What is worth a closer look, best first, with the box to cut out. */
export function closerLooks(matches: readonly PhotoMatch[]): { match: PhotoMatch; box: Box }[] {
  return matches.slice(0, CANDIDATES).map((match) => {
    const { x, y, w, h } = match.place;
    const [left, top] = [Math.max(0, x - MARGIN * w), Math.max(0, y - MARGIN * h)];
    const [right, bottom] = [Math.min(1, x + (1 + MARGIN) * w), Math.min(1, y + (1 + MARGIN) * h)];
    return { match, box: { x: left, y: top, w: right - left, h: bottom - top } };
  });
}

/** Stored photos most like a cut as a whole: `own` of its candidate, which has `photos` in all, and `others` of anybody else. */
export interface CutRivals {
  readonly own: readonly PhotoVectors[];
  readonly others: readonly PhotoVectors[];
  readonly photos: number;
}

/** The match of a cut with its candidate; `present` where no other concept is more like the cut, and it is sure enough. */
export function matchCut(
  cut: PatchFeatures,
  candidate: PhotoMatch,
  rivals: CutRivals,
  bank: FeatureRows,
  calibration: MatchCalibration,
): PhotoMatch {
  const own = matchPhoto(cut, rivals.own, bank, calibration)[0];
  if (own === undefined) return { ...candidate, present: false };
  const rival = matchPhoto(cut, rivals.others, bank, calibration)[0];
  const { place } = candidate;
  const small = place.w * place.h < SMALL;
  // Of a large thing both looks are photos of it; on held-out grocery photos their mean lets in 0.15 of the strangers, either alone 0.17 and 0.19.
  const score = small ? own.score : (own.score + candidate.score) / 2;
  const curve = curveOf(rivals.photos, calibration);
  const probability = probabilityOf(score, curve);
  const sure = small ? Math.min(SMALL_THRESHOLD, curve.threshold) : curve.threshold;
  const present = probability >= sure && own.score > (rival?.score ?? -Infinity);
  return { ...own, score, probability, place, present };
}

/** All matches once the closer looks are in: those present first, likeliest first; of two in one place only the likelier. */
export function settleMatches(matches: readonly PhotoMatch[], looked: readonly PhotoMatch[]): PhotoMatch[] {
  const closer = new Map(looked.map((match) => [match.conceptId, match]));
  const ranked = matches
    .map((match) => closer.get(match.conceptId) ?? { ...match, present: false })
    .sort((a, b) => Number(b.present) - Number(a.present) || b.score - a.score);
  const there: PhotoMatch[] = [];
  return ranked.map((match) => {
    const taken = there.some(({ place }) => boxOverlap(place, match.place) > SAME_PLACE);
    const present = match.present && !taken;
    if (present) there.push(match);
    return { ...match, present };
  });
}

/** All cosines of two grids in one pass. Cost: query cells · stored cells · dim, 4 M multiplications at 14 × 14 × 96. */
function compare(
  query: PatchFeatures,
  stored: PhotoVectors,
  bank: FeatureRows,
  { globalWeight, backgroundSharpness = 0 }: MatchCalibration,
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
  const forward = weightedMean(rowBest, cellWeights(query, bank, backgroundSharpness));
  const back = weightedMean(columnBest, cellWeights(features, bank, backgroundSharpness));
  const whole = cosine(query.global, features.global);
  return { stored, score: globalWeight * whole + ((1 - globalWeight) * (forward + back)) / 2, likeness };
}

/** How much each cell counts, (cells) summing to 1: ground says little. */
function cellWeights(photo: PatchFeatures, bank: FeatureRows, sharpness: number): Float32Array {
  const raw = nearBackground(photo, bank).map((near) => Math.exp(-sharpness * near));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return raw.map((weight) => weight / sum);
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
