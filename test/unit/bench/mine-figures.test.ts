// What counts as a hit of the part that tells siblings apart.
import { describe, expect, it } from 'vitest';
import { covered, isHit, isHitTogether, type SeenPhoto } from '../../../bench/mine-figures';
import { grid } from '../../support/grids';

/** A part of two pieces: pixels in the upper left and the lower right cell of a 4 × 4 grid. */
const part = new Float32Array(16);
part[0] = 60;
part[15] = 40;
const photo: SeenPhoto = { features: grid([], 1, 1), part, cells: 4 };
const left = { x: 0, y: 0, w: 0.25, h: 0.25 };
const right = { x: 0.75, y: 0.75, w: 0.25, h: 0.25 };

describe('a hit', () => {
  it('is a box that covers half of the part', () => {
    expect(covered(left, part, 4)).toBeCloseTo(0.6);
    expect(covered({ ...left, w: 0.125 }, part, 4)).toBeCloseTo(0.3);
    expect(isHit([left], photo)).toBe(true);
    expect(isHit([right], photo)).toBe(false);
    expect(isHit([], photo)).toBe(false);
  });

  it('together: boxes may share the part between them, and no pixel counts twice', () => {
    part[7] = 40;
    expect(isHitTogether([right], photo)).toBe(false);
    expect(isHitTogether([right, right], photo)).toBe(false);
    expect(isHitTogether([right, { x: 0.75, y: 0.25, w: 0.25, h: 0.25 }], photo)).toBe(true);
  });
});
