// Photo matching on synthetic features: the right one, two at once, a stranger, a look-alike.
import { describe, expect, it } from 'vitest';
import {
  closerLooks,
  matchCut,
  matchPhoto,
  probabilityOf,
  settleMatches,
  type MatchCalibration,
  type PhotoMatch,
} from '../../../src/core/match';
import { objectness, type FeatureRows } from '../../../src/core/stages/mine-signals';
import type { ConceptId, Fingerprint, PatchFeatures, PhotoId, PhotoVectors } from '../../../src/core/types';
import { DIM, direction, GRID, grid, type Thing } from '../../support/grids';

const grounds = [1, 2, 3, 4, 5, 6].map(direction);
const bank: FeatureRows = { rows: 6, dim: DIM, data: new Float32Array(grounds.flatMap((row) => [...row])) };
// Synthetic grounds make most of a global vector, so only the test that is about it gives it weight.
const calibration: MatchCalibration = {
  globalWeight: 0,
  slope: 40,
  bias: -28,
  threshold: 0.5,
  backgroundSharpness: 16,
};
const thing = (left: number, ...parts: number[]): Thing => ({ left, top: 3, right: left + 4, bottom: 9, parts });

function stored(name: string, features: PatchFeatures): PhotoVectors {
  const subject = objectness(features);
  return {
    photoId: `${name}-photo` as PhotoId,
    conceptId: name as ConceptId,
    encoder: 'e' as Fingerprint,
    features,
    scoreMap: subject,
    subject,
  };
}
const memory = [
  stored('bo', grid([thing(4, 11, 12)], 1, 1)),
  stored('max', grid([thing(4, 21, 22)], 1, 2)),
  stored('mug', grid([thing(4, 31, 32)], 3, 3)),
];
const present = (query: PatchFeatures): string[] =>
  matchPhoto(query, memory, bank, calibration)
    .filter((match) => match.present)
    .map((match) => match.conceptId);

describe('matchPhoto', () => {
  it('finds the right concept, on another ground and in another place', () => {
    const [best, ...rest] = matchPhoto(grid([thing(7, 11, 12)], 5, 10), memory, bank, calibration);
    expect(best).toMatchObject({ conceptId: 'bo', photoId: 'bo-photo', present: true });
    expect(best?.place.x).toBeGreaterThan(0.45);
    expect(rest.every((match) => !match.present)).toBe(true);
  });

  it('ranks two concepts of one photo first, each with its place', () => {
    const matches = matchPhoto(grid([thing(0, 11, 12), thing(8, 21, 22)], 5, 11), memory, bank, calibration);
    const place = new Map(matches.slice(0, 2).map((match) => [match.conceptId, match.place]));
    expect(place.get('bo' as ConceptId)).toMatchObject({ x: 0, y: 3 / GRID, w: 4 / GRID, h: 6 / GRID });
    expect(place.get('max' as ConceptId)).toMatchObject({ x: 8 / GRID, y: 3 / GRID, w: 4 / GRID, h: 6 / GRID });
  });

  it('says nobody for a stranger, and for an empty photo', () => {
    expect(present(grid([thing(4, 41, 42)], 5, 12))).toEqual([]);
    expect(present(grid([], 5, 13))).toEqual([]);
    expect(matchPhoto(grid([], 5, 13), [], bank, calibration)).toEqual([]);
  });

  it('gives one place to one concept: the look-alike that explains it worse loses', () => {
    const twin = stored('twin', grid([thing(4, 11, 13)], 1, 4)); // half of Bo
    const query = grid([thing(5, 11, 12)], 5, 14);
    const loose = { ...calibration, bias: -22 };
    const alone = matchPhoto(query, [twin], bank, loose);
    expect(alone[0]?.present).toBe(true);
    const shown = matchPhoto(query, [twin, ...memory], bank, loose).filter((match) => match.present);
    expect(shown.map((match) => match.conceptId)).toEqual(['bo']);
  });

  it('lets the best photo of a concept speak', () => {
    const more = [...memory, { ...stored('bo', grid([thing(2, 51, 52)], 1, 6)), photoId: 'bo-back' as PhotoId }];
    const [best] = matchPhoto(grid([thing(7, 51, 52)], 5, 15), more, bank, calibration);
    expect(best).toMatchObject({ conceptId: 'bo', photoId: 'bo-back' });
  });

  it('weighs the global vector and, when told to, lets ground count for little', () => {
    const query = grid([thing(7, 11, 12)], 5, 10);
    const score = (change: Partial<MatchCalibration>): number =>
      matchPhoto(query, memory.slice(0, 1), bank, { ...calibration, ...change })[0]?.score ?? NaN;
    expect(score({})).toBeGreaterThan(score({ backgroundSharpness: 0 }) + 0.1);
    const whole = score({ globalWeight: 1 });
    expect(score({ globalWeight: 0.5 })).toBeCloseTo((whole + score({})) / 2, 5);
  });

  it('reads the score of a concept with fewer photos by its own curve', () => {
    const two = [...memory, { ...stored('bo', grid([thing(2, 51, 52)], 1, 6)), photoId: 'bo-back' as PhotoId }];
    const kinder = { slope: calibration.slope, bias: calibration.bias + 4, threshold: 0.5 };
    const chances = (fewer: MatchCalibration['fewer']): Map<string, number> =>
      new Map(
        matchPhoto(grid([thing(7, 11, 12)], 5, 10), two, bank, { ...calibration, fewer: fewer ?? [] }).map(
          ({ conceptId, probability }) => [conceptId, probability],
        ),
      );
    const [plain, by] = [chances([]), chances([kinder])];
    expect(by.get('bo')).toBe(plain.get('bo')); // two photos: the main curve
    expect(by.get('max')).toBeGreaterThan(plain.get('max') ?? 1);
  });

  it('leaves out vectors of another size', () => {
    const [first] = memory;
    if (first === undefined) throw new Error('no memory');
    const odd = { ...first, features: { ...first.features, dim: 8 } };
    expect(matchPhoto(grid([thing(4, 11, 12)], 1, 1), [odd], bank, calibration)).toEqual([]);
  });

  it('rises with the score', () => {
    const at = [0.1, 0.5, 0.75, 0.9].map((score) => probabilityOf(score, calibration));
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(probabilityOf(0.7, calibration)).toBeCloseTo(0.5, 5);
  });
});

/** `matchCut` against all photos of a memory. */
function cutMatch(
  cut: PatchFeatures,
  at: PhotoMatch,
  photos: readonly PhotoVectors[],
  read: MatchCalibration,
): PhotoMatch {
  const own = photos.filter(({ conceptId }) => conceptId === at.conceptId);
  const others = photos.filter(({ conceptId }) => conceptId !== at.conceptId);
  return matchCut(cut, at, { own, others, photos: own.length }, bank, read);
}

describe('a closer look', () => {
  const whole = grid([thing(0, 11, 12), thing(8, 21, 22)], 5, 11);
  const close = (...parts: number[]): PatchFeatures => grid([{ left: 1, top: 1, right: 11, bottom: 11, parts }], 5, 20);
  const candidate = (name: string, query = whole): PhotoMatch => {
    const match = matchPhoto(query, memory, bank, calibration).find(({ conceptId }) => conceptId === name);
    if (match === undefined) throw new Error(`no match of ${name}`);
    return match;
  };

  it('cuts out each place with ground around it, inside the photo', () => {
    const [first, second] = closerLooks(matchPhoto(whole, memory, bank, calibration));
    expect([first?.match.conceptId, second?.match.conceptId].sort()).toEqual(['bo', 'max']);
    for (const { match, box } of [first, second].flatMap((one) => one ?? [])) {
      expect(box.w).toBeGreaterThan(match.place.w);
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.w).toBeLessThanOrEqual(1);
      expect(box.y).toBeCloseTo(match.place.y - 0.1 * match.place.h);
    }
  });

  it('finds each of two in its cut, where the whole photo speaks for one at most', () => {
    const matches = matchPhoto(whole, memory, bank, calibration);
    expect(matches.filter(({ present }) => present).length).toBeLessThan(2);
    const looked = matches.map((match) =>
      cutMatch(match.conceptId === 'max' ? close(21, 22) : close(11, 12), match, memory, calibration),
    );
    const there = settleMatches(matches, looked).filter(({ present }) => present);
    expect(there.map(({ conceptId }) => conceptId).sort()).toEqual(['bo', 'max']);
    expect(there.map(({ place }) => place)).toEqual(there.map(({ conceptId }) => candidate(conceptId).place));
  });

  it('does not find it where the cut shows another or a stranger', () => {
    expect(cutMatch(close(21, 22), candidate('bo'), memory, calibration).present).toBe(false);
    expect(cutMatch(close(41, 42), candidate('bo'), memory, calibration).present).toBe(false);
  });

  it('leaves the place to a look-alike that the cut is more like', () => {
    const twin = stored('twin', grid([thing(4, 11, 13)], 1, 4)); // half of Bo
    const kind = { ...calibration, bias: -18 };
    const cut = close(11, 13);
    const bo = cutMatch(cut, candidate('bo'), [twin, ...memory], kind);
    expect(bo.probability).toBeGreaterThan(kind.threshold); // sure enough, were it alone
    expect(bo.present).toBe(false);
    expect(cutMatch(cut, candidate('bo'), memory, kind).present).toBe(true);
  });

  it('asks less of what is small on the photo, but never more than the threshold', () => {
    const cut = close(11, 12);
    const at = candidate('bo');
    const { score } = cutMatch(cut, at, memory, calibration);
    const likely = (probability: number): MatchCalibration => ({
      ...calibration,
      threshold: 0.6,
      bias: Math.log(probability / (1 - probability)) - calibration.slope * score,
    });
    const large = { ...at, place: { x: 0, y: 0, w: 0.8, h: 0.8 } };
    expect(cutMatch(cut, at, memory, likely(0.5)).present).toBe(true);
    expect(cutMatch(cut, large, memory, likely(0.5)).present).toBe(false);
    expect(cutMatch(cut, at, memory, likely(0.3)).present).toBe(false);
    expect(cutMatch(cut, at, memory, { ...likely(0.35), threshold: 0.3 }).present).toBe(true);
  });

  it('settles on the likelier of two in one place, and puts those present first', () => {
    const at = (name: string, score: number, x: number, present: boolean): PhotoMatch => ({
      conceptId: name as ConceptId,
      photoId: `${name}-photo` as PhotoId,
      score,
      probability: score,
      place: { x, y: 0.2, w: 0.3, h: 0.5 },
      present,
    });
    const first = [
      at('twin', 0.9, 0, true),
      at('bo', 0.8, 0, true),
      at('mug', 0.7, 0.6, false),
      at('cap', 0.1, 0, false),
    ];
    const looked = [at('twin', 0.6, 0, true), at('bo', 0.8, 0.02, true), at('mug', 0.5, 0.6, true)];
    const settled = settleMatches(first, looked);
    expect(settled.map(({ conceptId, present }) => [conceptId, present])).toEqual([
      ['bo', true],
      ['twin', false],
      ['mug', true],
      ['cap', false],
    ]);
  });
});
