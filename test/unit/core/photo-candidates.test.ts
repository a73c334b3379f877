// Photo candidates on synthetic features: what fills a photo, what stands on a part of it, and whose photos are left out.
import { beforeEach, describe, expect, it } from 'vitest';
import { createPhotoIndex, plainIndex, type PhotoIndex } from '../../../src/core/photo-candidates';
import { objectness, type FeatureRows } from '../../../src/core/stages/mine-signals';
import type { ConceptId, Fingerprint, PatchFeatures, PhotoId, PhotoVectors } from '../../../src/core/types';
import { createFastIndex } from '../../../src/runtime/simd-search';
import { DIM, direction, grid, type Thing } from '../../support/grids';

const grounds = [1, 2, 3, 4, 5, 6].map(direction);
const bank: FeatureRows = { rows: 6, dim: DIM, data: new Float32Array(grounds.flatMap((row) => [...row])) };
const thing = (left: number, parts: number[], width = 4): Thing => ({
  left,
  top: 3,
  right: left + width,
  bottom: 9,
  parts,
});
const CONCEPTS = 60;
const partsOf = (concept: number): number[] => [100 + 2 * concept, 101 + 2 * concept];

function stored(concept: number, photo: number): PhotoVectors {
  const features = grid([thing(4, partsOf(concept))], 1 + (photo % 3), 1000 + 10 * concept + photo);
  const subject = objectness(features);
  return {
    photoId: `c${concept}/${photo}` as PhotoId,
    conceptId: `c${concept}` as ConceptId,
    encoder: 'e' as Fingerprint,
    features,
    scoreMap: subject,
    subject,
  };
}
const photos = Array.from({ length: CONCEPTS }, (_, concept) => [stored(concept, 0), stored(concept, 1)]).flat();

describe.each([
  ['the plain loop', plainIndex],
  ['SIMD', createFastIndex],
] as const)('a photo index by %s', (_, make) => {
  let index: PhotoIndex;
  beforeEach(() => {
    index = createPhotoIndex(bank, make);
    for (const photo of photos) index.add(photo);
  });
  const concepts = (ids: readonly PhotoId[]): Set<string> => new Set(ids.map((id) => id.split('/')[0] ?? ''));
  const of = (query: PatchFeatures, most: number): Set<string> => concepts(index.candidates(query, most));

  it('finds both of two things side by side, where the whole photo is like neither', () => {
    let [both, byWhole] = [0, 0];
    for (let a = 0; a < CONCEPTS; a++) {
      const b = (a + 17) % CONCEPTS;
      const query = grid([thing(0, partsOf(a)), thing(8, partsOf(b))], 5, 5000 + a);
      const has = (found: ReadonlySet<string>): number => Number(found.has(`c${a}`) && found.has(`c${b}`));
      both += has(of(query, 12));
      byWhole += has(concepts(index.nearest(query, 12, {})));
    }
    expect(both).toBeGreaterThanOrEqual(0.95 * CONCEPTS);
    expect(both).toBeGreaterThan(byWhole);
  });

  it('gives at most as many as are wanted, each once, the same every time', () => {
    const query = grid([thing(4, partsOf(3))], 5, 7);
    const found = index.candidates(query, 12);
    expect(found).toHaveLength(12);
    expect(new Set(found).size).toBe(12);
    expect(index.candidates(query, 12)).toEqual(found);
    expect(of(query, 12)).toContain('c3');
    expect(index.candidates(query, 1000).length).toBeLessThanOrEqual(photos.length);
  });

  it('leaves nothing of a photo that was removed, and takes another in its place', () => {
    const query = grid([thing(4, partsOf(3))], 5, 7);
    for (const photo of [0, 1]) index.remove(`c3/${photo}` as PhotoId);
    expect(of(query, 40)).not.toContain('c3');
    expect(index.ids()).toHaveLength(photos.length - 2);
    index.add(stored(3, 1));
    index.add(stored(3, 1)); // mined again
    expect(of(query, 12)).toContain('c3');
    expect(index.ids()).toHaveLength(photos.length - 1);
  });

  it('knows whose photos are nearest', () => {
    const query = grid([thing(4, partsOf(3))], 5, 7);
    expect(index.nearest(query, 5, { of: 'c3' as ConceptId }).sort()).toEqual(['c3/0', 'c3/1']);
    const others = index.nearest(query, 6, { notOf: 'c3' as ConceptId });
    expect(others).toHaveLength(6);
    expect(concepts(others)).not.toContain('c3');
    expect(index.nearest(query, 6, { of: 'nobody' as ConceptId })).toEqual([]);
  });
});

it('an empty index finds nothing', () => {
  const index = createPhotoIndex(bank);
  const query = grid([], 1, 1);
  expect([...index.candidates(query, 5), ...index.nearest(query, 5, {}), ...index.ids()]).toEqual([]);
  expect(index.bytes).toBe(0);
});
