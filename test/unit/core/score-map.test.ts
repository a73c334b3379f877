// Boxes from maps: invariants of spreading, NMS and top-k, and the naive sums they must equal.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxOverlap } from '../../../src/core/image';
import {
  diverseTop,
  integral,
  otsu,
  proposeBoxes,
  spread,
  suppress,
  toBox,
  type ScoredBox,
} from '../../../src/core/score-map';
import { grid, GRID } from '../../support/grids';

const box = fc
  .record({
    left: fc.integer({ min: 0, max: 9 }),
    top: fc.integer({ min: 0, max: 9 }),
    w: fc.integer({ min: 1, max: 4 }),
    h: fc.integer({ min: 1, max: 4 }),
    score: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ left, top, w, h, score }): ScoredBox => ({ left, top, right: left + w, bottom: top + h, score }));
const map = fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 });

describe('suppress', () => {
  it('keeps the best, drops what overlaps it, and forgets nothing that is free', () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 25 }), (boxes) => {
        const kept = suppress(boxes, 0.3);
        const overlap = (a: ScoredBox, b: ScoredBox): number => boxOverlap(toBox(a, 1, 1), toBox(b, 1, 1));
        for (const [i, one] of kept.entries()) {
          for (const other of kept.slice(i + 1)) {
            expect(overlap(one, other)).toBeLessThanOrEqual(0.3);
            expect(one.score).toBeGreaterThanOrEqual(other.score);
          }
        }
        for (const gone of boxes) {
          if (kept.includes(gone)) continue;
          expect(kept.some((one) => overlap(one, gone) > 0.3 && one.score >= gone.score)).toBe(true);
        }
        expect(suppress([...boxes].reverse(), 0.3)).toEqual(kept);
      }),
      { seed: 9 },
    );
  });
});

describe('diverseTop', () => {
  const features = grid([{ left: 0, top: 0, right: 6, bottom: 12, parts: [20] }], 1, 5);
  const at = (left: number, score: number): ScoredBox => ({ left, top: 4, right: left + 2, bottom: 6, score });

  it('gives at most k, each once', () => {
    const boxes = [at(0, 3), at(2, 2), at(8, 1)];
    expect(diverseTop(boxes, 2, features, 0)).toEqual([at(0, 3), at(2, 2)]);
    expect(diverseTop(boxes, 9, features, 0.5)).toHaveLength(3);
  });

  it('prefers another thing to more of the same', () => {
    expect(diverseTop([at(0, 1), at(2, 0.9), at(8, 0.8)], 2, features, 0.5)).toEqual([at(0, 1), at(8, 0.8)]);
  });
});

describe('maps', () => {
  it('spread to 0..1 inside the mask and to nothing outside', () => {
    fc.assert(
      fc.property(map, map, (values, mask) => {
        const out = spread(new Float32Array(values), new Float32Array(mask));
        out.forEach((value, i) => {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
          if ((mask[i] ?? 0) < 0.5) expect(value).toBe(0);
        });
      }),
      { seed: 10 },
    );
  });

  it('sum by four reads what a loop sums', () => {
    fc.assert(
      fc.property(map, (values) => {
        const sums = integral(new Float32Array(values), 5, 4);
        expect(sums.at(-1)).toBeCloseTo(
          values.reduce((sum, value) => sum + Math.fround(value), 0),
          4,
        );
      }),
      { seed: 11 },
    );
  });

  it('are cut by Otsu between two heaps', () => {
    const cut = otsu(Float32Array.from({ length: 40 }, (_, i) => (i < 30 ? 0.1 + i / 300 : 0.8 + i / 1000)));
    expect(cut).toBeGreaterThan(0.2);
    expect(cut).toBeLessThan(0.8);
  });

  it('propose boxes only where the subject is, inside the grid', () => {
    const score = new Float32Array(GRID * GRID);
    for (let i = 0; i < score.length; i++) score[i] = i % GRID < 6 ? 1 : 0;
    const boxes = proposeBoxes(score, score, GRID, GRID);
    expect(boxes.length).toBeGreaterThan(10);
    for (const { left, top, right, bottom } of boxes) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(bottom).toBeLessThanOrEqual(GRID);
      expect((Math.min(6, right) - left) / (right - left)).toBeGreaterThanOrEqual(0.5);
    }
  });
});
