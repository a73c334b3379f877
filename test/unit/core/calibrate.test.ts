// A curve fitted to one's own photos: it learns where there is something to learn, and stays what it was where there is not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitCurve, pairsOf, type ScoredPair } from '../../../src/core/calibrate';
import { type MatchCurve, probabilityOf } from '../../../src/core/match';
import { createRng } from '../../../src/core/random';
import { objectness } from '../../../src/core/stages/mine-signals';
import type { ConceptId, Fingerprint, PatchFeatures, PhotoId, PhotoVectors } from '../../../src/core/types';
import { DIM, grid, type Thing } from '../../support/grids';

const GUESS: MatchCurve = { slope: 18, bias: -18 * 0.65, threshold: 0.5 };
const middleOf = ({ slope, bias }: MatchCurve): number => -bias / slope;

/** Scores of the same thing around `same`, of others around `others`. */
function drawn(count: number, same: number, others: number, spread: number, seed = 1): ScoredPair[] {
  const random = createRng(seed);
  return Array.from({ length: 2 * count }, (_, i) => {
    const isSame = i % 2 === 0;
    return { score: (isSame ? same : others) + spread * (random() + random() - 1), isSame };
  });
}

describe('fitCurve', () => {
  it('stays the prior without pairs of both kinds', () => {
    expect(fitCurve([], GUESS)).toEqual(GUESS);
    for (const kind of [true, false]) {
      expect(
        fitCurve(
          drawn(20, 0.9, 0.2, 0.1).filter(({ isSame }) => isSame === kind),
          GUESS,
        ),
      ).toEqual(GUESS);
    }
  });

  it('moves between the two kinds of scores, the further the more pairs there are', () => {
    // An encoder whose scores all lie higher than was guessed: strangers at 0.75, the same thing at 0.9.
    const off = [2, 8, 32, 200].map((count) =>
      Math.abs(middleOf(fitCurve(drawn(count, 0.9, 0.75, 0.04), GUESS)) - 0.825),
    );
    expect(off).toEqual(off.toSorted((a, b) => b - a));
    expect(off.at(-1)).toBeLessThan(0.02);
    const strangersLetIn = (curve: MatchCurve): number =>
      drawn(500, 0.9, 0.75, 0.04, 2).filter(({ score, isSame }) => !isSame && probabilityOf(score, curve) >= 0.5)
        .length;
    expect(strangersLetIn(GUESS)).toBe(500);
    expect(strangersLetIn(fitCurve(drawn(24, 0.9, 0.75, 0.04), GUESS))).toBeLessThan(25);
  });

  it('counts both kinds alike, however many there are of each', () => {
    const pairs = drawn(40, 0.8, 0.4, 0.1);
    const fewSame = pairs.filter(({ isSame }, i) => !isSame || i % 16 === 0);
    expect(middleOf(fitCurve(fewSame, GUESS))).toBeCloseTo(middleOf(fitCurve(pairs, GUESS)), 1);
  });

  it('rises, and is finite, whatever the scores are', () => {
    const pair = fc.record({ score: fc.double({ min: -1, max: 1, noNaN: true }), isSame: fc.boolean() });
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 40 }), (pairs) => {
        const curve = fitCurve(pairs, GUESS);
        expect(curve.slope).toBeGreaterThan(0);
        expect(Number.isFinite(curve.slope) && Number.isFinite(curve.bias)).toBe(true);
        expect(probabilityOf(0.9, curve)).toBeGreaterThanOrEqual(probabilityOf(0.1, curve));
      }),
    );
  });

  it('does not run away where the kinds are apart', () => {
    const { slope } = fitCurve(drawn(500, 0.95, 0.1, 0.01), GUESS);
    expect(slope).toBeLessThan(4 * GUESS.slope);
  });
});

describe('pairsOf', () => {
  const thing = (left: number, ...parts: number[]): Thing => ({ left, top: 3, right: left + 4, bottom: 9, parts });
  const stored = (name: string, photo: number, features: PatchFeatures): PhotoVectors => {
    const subject = objectness(features);
    const [photoId, conceptId] = [`${name}-${photo}` as PhotoId, name as ConceptId];
    return { photoId, conceptId, encoder: 'e' as Fingerprint, features, scoreMap: subject, subject };
  };
  const bank = { rows: 0, dim: DIM, data: new Float32Array() };
  const calibration = { ...GUESS, globalWeight: 0 };
  const bo = [1, 2].map((seed) => stored('bo', seed, grid([thing(2 * seed, 11, 12)], seed, seed)));
  const max = [stored('max', 1, grid([thing(4, 21, 22)], 3, 7))];

  it('asks a photo against the others of its concept and against everybody else, never against itself', () => {
    const [own, rival, ...more] = pairsOf(bo[0] as PhotoVectors, [...bo, ...max], bank, calibration);
    expect(more).toEqual([]);
    expect([own?.isSame, rival?.isSame]).toEqual([true, false]);
    expect(own?.score).toBeGreaterThan(rival?.score ?? 1);
    expect(own?.score).toBeLessThan(0.99);
  });

  it('says nothing of the same thing where there is one photo of it, and nothing of strangers where there are none', () => {
    expect(pairsOf(max[0] as PhotoVectors, [...bo, ...max], bank, calibration).map(({ isSame }) => isSame)).toEqual([
      false,
    ]);
    expect(pairsOf(bo[0] as PhotoVectors, bo, bank, calibration).map(({ isSame }) => isSame)).toEqual([true]);
  });
});
