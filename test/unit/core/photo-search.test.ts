// Two passes find what a full float32 search finds, whatever is added and removed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codedDots, createVectorIndex, searchRows, type Found, type VectorIndex } from '../../../src/core/photo-search';
import { createRng } from '../../../src/core/random';
import { dotRows, normalise } from '../../../src/core/tensor';
import { createFastIndex } from '../../../src/runtime/simd-search';

const DIM = 20; // no multiple of 16

function unitRows(count: number, seed: number, dim = DIM): Float32Array {
  const rng = createRng(seed);
  const rows = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) {
    rows.set(normalise(Float32Array.from({ length: dim }, () => rng() * 2 - 1)), row * dim);
  }
  return rows;
}

/** The oracle: every row in float32. */
function fullSearch(index: VectorIndex, query: Float32Array, k: number): Found[] {
  const all: Found[] = [];
  for (let row = 0; row < index.rows; row++) {
    const owner = index.owner[row] ?? -1;
    if (owner >= 0) all.push({ row, owner, score: dotRows(index.vectors, row, query, 0, index.dim) });
  }
  return all.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, k);
}

describe('searchRows', () => {
  it('is the full search, with plain loops and with SIMD', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 12 }), fc.nat(), (count, k, seed) => {
        const fast = createFastIndex(DIM, 8);
        expect(fast.isSimd).toBe(true);
        fast.index.add(1, unitRows(count, seed));
        fast.index.add(2, unitRows(30, seed)); // doubles of the first rows: ties
        const query = unitRows(1, seed + 1);
        const wanted = fullSearch(fast.index, query, k);
        expect(searchRows(fast.index, query, k, fast.dots)).toEqual(wanted);
        expect(searchRows(fast.index, query, k)).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  it('forgets an owner and fills its places, without moving anybody else', () => {
    const index = createVectorIndex(DIM, 4);
    index.add(1, unitRows(10, 1));
    const kept = index.add(2, unitRows(10, 2));
    index.remove(1);
    const query = unitRows(1, 1); // the first row of owner 1
    expect(searchRows(index, query, 20).every(({ owner }) => owner === 2)).toBe(true);
    expect(searchRows(index, query, 20)).toHaveLength(10);
    const places = index.add(3, unitRows(10, 3));
    expect([...places].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(index.rows).toBe(20);
    expect(index.owner[kept[0] ?? -1]).toBe(2);
  });

  it('is empty for an empty index, and for one that was emptied', () => {
    const index = createVectorIndex(DIM);
    expect(searchRows(index, unitRows(1, 1), 3)).toEqual([]);
    index.add(1, unitRows(5, 1));
    index.remove(1);
    expect(searchRows(index, unitRows(1, 1), 3)).toEqual([]);
  });

  it('SIMD and plain loops give the same whole numbers', () => {
    const { index, dots } = createFastIndex(96, 10);
    index.add(1, unitRows(5000, 4, 96));
    const query = Int8Array.from({ length: 96 }, (_, d) => ((d * 53) % 255) - 127);
    const [a, b] = [new Int32Array(index.rows), new Int32Array(index.rows)];
    dots(index, query, a);
    codedDots(index, query, b);
    expect(a).toEqual(b);
  });
});
