// What a score means for an encoder that nobody has measured: its curve, fitted to the user's own photos.
//
// [Note: Calibrating on one's own photos] A photo in memory whose concept has others is asked about as if it were new: the best of the others is
// a score of the same thing, and the best of everybody else's is what a stranger would get. Both classes count alike. The curve that
// was shipped, or guessed, is the prior: with few pairs it stays nearly as it is, with many they decide. Things that are alike
// count as strangers to each other, so the curve gets stricter for who enrols twins, which is what they need.

import { matchPhoto, type MatchCalibration, type MatchCurve } from './match';
import type { FeatureRows } from './stages/mine-signals';
import { cosine } from './tensor';
import type { PhotoVectors } from './types';

/** A score, and whether it was of the same thing. */
export interface ScoredPair {
  readonly score: number;
  readonly isSame: boolean;
}

/** Stored photos that one is compared with in full, of its own concept and of the others: as many as decide (a cut's rivals, match.ts). */
const OWN = 3;
const RIVALS = 3;

/** How far off a curve that is a guess may be: where it crosses one half, in scores, and how steep it is, as a share of itself. */
const MIDDLE_SD = 0.1;
const SLOPE_SD = 0.5;
const ROUNDS = 60;

/** What one photo in memory says. Cost: at most six comparisons of whole grids, 0.2 s at 16 × 16 × 384. */
export function pairsOf(
  photo: PhotoVectors,
  vectors: readonly PhotoVectors[],
  bank: FeatureRows,
  calibration: MatchCalibration,
): ScoredPair[] {
  const best = (stored: readonly PhotoVectors[], most: number): number | undefined =>
    matchPhoto(photo.features, mostAlike(photo, stored, most), bank, calibration)[0]?.score;
  const isOwn = ({ conceptId }: PhotoVectors): boolean => conceptId === photo.conceptId;
  const own = best(
    vectors.filter((other) => isOwn(other) && other.photoId !== photo.photoId),
    OWN,
  );
  const rival = best(
    vectors.filter((other) => !isOwn(other)),
    RIVALS,
  );
  return [
    ...(own === undefined ? [] : [{ score: own, isSame: true }]),
    ...(rival === undefined ? [] : [{ score: rival, isSame: false }]),
  ];
}

/** Those whose global vectors are nearest to the photo's. */
function mostAlike({ features }: PhotoVectors, stored: readonly PhotoVectors[], most: number): PhotoVectors[] {
  return stored
    .map((other) => ({ other, alike: cosine(features.global, other.features.global) }))
    .sort((a, b) => b.alike - a.alike || a.other.photoId.localeCompare(b.other.photoId))
    .slice(0, most)
    .map(({ other }) => other);
}

/**
 * The curve that best explains the pairs and is not far from `prior`: maximum a posteriori of a logistic regression, by Newton's method
 * on slope and height at the prior's middle. Without pairs of both kinds it is the prior. The threshold stays.
 */
export function fitCurve(pairs: readonly ScoredPair[], prior: MatchCurve): MatchCurve {
  const same = pairs.filter(({ isSame }) => isSame).length;
  const others = pairs.length - same;
  if (same === 0 || others === 0) return prior;
  const weight = { same: Math.min(same, others) / same, others: Math.min(same, others) / others };
  const middle = -prior.bias / prior.slope;
  const points = pairs.map(({ score, isSame }) => ({
    at: score - middle,
    target: isSame ? 1 : 0,
    weight: isSame ? weight.same : weight.others,
  }));
  // P = 1 / (1 + exp(−(slope · at + height))); the prior: slope ± SLOPE_SD · slope, height 0 ± MIDDLE_SD · slope.
  const slopeWeight = 1 / (SLOPE_SD * prior.slope) ** 2;
  const heightWeight = 1 / (MIDDLE_SD * prior.slope) ** 2;
  const cost = (slope: number, height: number): number =>
    points.reduce(
      (sum, { at, target, weight: w }) => sum + w * softplus((target === 1 ? -1 : 1) * (slope * at + height)),
      (slopeWeight * (slope - prior.slope) ** 2 + heightWeight * height ** 2) / 2,
    );
  let [slope, height] = [prior.slope, 0];
  for (let round = 0; round < ROUNDS; round++) {
    let [gs, gh] = [slopeWeight * (slope - prior.slope), heightWeight * height];
    let [hss, hsh, hhh] = [slopeWeight, 0, heightWeight];
    for (const { at, target, weight: w } of points) {
      const p = 1 / (1 + Math.exp(-(slope * at + height)));
      gs += w * (p - target) * at;
      gh += w * (p - target);
      const spread = w * p * (1 - p);
      hss += spread * at * at;
      hsh += spread * at;
      hhh += spread;
    }
    const determinant = hss * hhh - hsh * hsh; // positive: the prior's part is
    const [ds, dh] = [(hhh * gs - hsh * gh) / determinant, (hss * gh - hsh * gs) / determinant];
    let step = 1;
    while (step > 1e-4 && cost(slope - step * ds, height - step * dh) > cost(slope, height)) step /= 2;
    slope -= step * ds;
    height -= step * dh;
    if (Math.abs(ds) + Math.abs(dh) < 1e-6 * prior.slope) break;
  }
  // Scores that speak against the encoder altogether: a curve must rise, and a flat one recognises nobody.
  slope = Math.max(slope, prior.slope / 4);
  return { slope, bias: height - slope * middle, threshold: prior.threshold };
}

/** ln(1 + eˣ) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
