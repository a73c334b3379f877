// Photo matching on synthetic features: the right one, two at once, a stranger, a look-alike.
import { describe, expect, it } from 'vitest';
import { matchPhoto, probabilityOf, type MatchCalibration } from '../../../src/core/match';
import { objectness, type FeatureRows } from '../../../src/core/stages/mine-signals';
import type { ConceptId, Fingerprint, PatchFeatures, PhotoId, PhotoVectors } from '../../../src/core/types';
import { DIM, direction, grid, type Thing } from '../../support/grids';

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

  it('finds two concepts in one photo, each in its place', () => {
    const matches = matchPhoto(grid([thing(0, 11, 12), thing(8, 21, 22)], 5, 11), memory, bank, calibration);
    const shown = matches.filter((match) => match.present);
    expect(shown.map((match) => match.conceptId).sort()).toEqual(['bo', 'max']);
    const place = new Map(shown.map((match) => [match.conceptId, match.place]));
    expect(place.get('bo' as ConceptId)?.x).toBeLessThan(0.1);
    expect(place.get('max' as ConceptId)?.x).toBeGreaterThan(0.6);
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
