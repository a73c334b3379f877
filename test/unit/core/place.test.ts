// Places: the box of greatest sum against all boxes by hand, and cells shared out between things and ground.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greatestSum, placesOf } from '../../../src/core/place';
import type { Box } from '../../../src/core/types';

const W = 6;
const H = 5;

function sumIn(map: Float32Array, box: Box): number {
  let sum = 0;
  map.forEach((value, cell) => {
    const [x, y] = [((cell % W) + 0.5) / W, (Math.floor(cell / W) + 0.5) / H];
    if (x > box.x && x < box.x + box.w && y > box.y && y < box.y + box.h) sum += value;
  });
  return sum;
}

describe('greatestSum', () => {
  it('finds no box of two cells a side or more with a greater sum', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: W * H, maxLength: W * H }), (values) => {
        const map = Float32Array.from(values);
        const best = sumIn(map, greatestSum(map, W, H));
        for (let top = 0; top < H - 1; top++)
          for (let bottom = top + 2; bottom <= H; bottom++)
            for (let left = 0; left < W - 1; left++)
              for (let right = left + 2; right <= W; right++) {
                const box = { x: left / W, y: top / H, w: (right - left) / W, h: (bottom - top) / H };
                expect(sumIn(map, box)).toBeLessThanOrEqual(best + 1e-4);
              }
      }),
      { numRuns: 50, seed: 5 },
    );
  });
});

describe('placesOf', () => {
  const cells = (inside: (x: number, y: number) => boolean, yes: number, no: number): Float32Array =>
    Float32Array.from({ length: W * H }, (_, cell) => (inside(cell % W, Math.floor(cell / W)) ? yes : no));
  const left = (x: number, y: number): boolean => x < 2 && y >= 1 && y < 4;
  const right = (x: number, y: number): boolean => x >= 4 && y >= 1 && y < 4;

  it('gives each thing its own cells, though both are a little alike', () => {
    const bo = cells(left, 0.9, 0.3).map((value, cell) => (right(cell % W, Math.floor(cell / W)) ? 0.7 : value));
    const max = cells(right, 0.9, 0.3).map((value, cell) => (left(cell % W, Math.floor(cell / W)) ? 0.7 : value));
    const [first, second] = placesOf(
      [bo, max],
      cells(() => true, 0.5, 0.5),
      W,
      H,
    );
    expect(first).toEqual({ x: 0, y: 1 / H, w: 2 / W, h: 3 / H });
    expect(second?.x).toBeCloseTo(4 / W);
    expect(second?.w).toBeCloseTo(2 / W);
  });

  it('leaves ground to the ground', () => {
    const bo = cells(left, 0.9, 0.6);
    const ground = cells(left, 0.2, 0.8);
    expect(placesOf([bo], ground, W, H)[0]).toEqual({ x: 0, y: 1 / H, w: 2 / W, h: 3 / H });
  });
});
