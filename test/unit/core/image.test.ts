// Boxes and pixels: invariants of cropping, shrinking and overlap.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxOverlap, clampBox, cropPixels, shrinkPixels, squareBox } from '../../../src/core/image';
import { picture, RED } from '../../support/fake-models';

const unit = fc.float({ min: 0, max: 1, noNaN: true });
const box = fc.record({ x: unit, y: unit, w: unit, h: unit }).map((raw) => clampBox(raw));

describe('boxes', () => {
  it('stay inside the photo whatever comes in', () => {
    const any = fc.double();
    fc.assert(
      fc.property(fc.record({ x: any, y: any, w: any, h: any }), (raw) => {
        const { x, y, w, h } = clampBox(raw);
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
        expect(Math.max(x + w, y + h)).toBeLessThanOrEqual(1 + 1e-9);
        expect(Math.min(w, h)).toBeGreaterThanOrEqual(0.02 - 1e-9);
      }),
      { seed: 14 },
    );
  });

  it('overlap symmetrically, wholly with themselves', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(boxOverlap(a, a)).toBeCloseTo(1, 6);
        expect(boxOverlap(a, b)).toBeCloseTo(boxOverlap(b, a), 12);
        expect(boxOverlap(a, b)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { seed: 15 },
    );
    expect(boxOverlap({ x: 0, y: 0, w: 0.5, h: 1 }, { x: 0.5, y: 0, w: 0.5, h: 1 })).toBe(0);
  });

  it('grow square around their middle', () => {
    fc.assert(
      fc.property(box, (inner) => {
        const grown = squareBox(inner, { widthPx: 400, heightPx: 300 }, 0.1);
        expect(grown.x).toBeGreaterThanOrEqual(-1e-9);
        expect(grown.x + grown.w).toBeLessThanOrEqual(1 + 1e-9);
        expect(grown.w).toBeGreaterThanOrEqual(Math.min(1, inner.w) - 1e-9);
      }),
      { seed: 16 },
    );
  });
});

describe('pixels', () => {
  const photo = picture([{ x: 0.25, y: 0.5, w: 0.25, h: 0.25, rgb: RED }]);

  it('are cropped to what lies under the box', () => {
    const crop = cropPixels(photo, { x: 0.25, y: 0.5, w: 0.25, h: 0.25 });
    expect([crop.widthPx, crop.heightPx]).toEqual([16, 16]);
    for (let i = 0; i < crop.data.length; i += 4) expect([...crop.data.subarray(i, i + 3)]).toEqual([...RED]);
    expect(cropPixels(photo, { x: 0.999, y: 0.999, w: 0.001, h: 0.001 }).data).toHaveLength(4);
  });

  it('keep their mean when shrunk and their values when enlarged', () => {
    const small = shrinkPixels(photo, 4, 4);
    expect([...small.data.subarray((2 * 4 + 1) * 4, (2 * 4 + 1) * 4 + 3)]).toEqual([...RED]);
    const mean = (data: Uint8ClampedArray): number => data.reduce((sum, value) => sum + value, 0) / data.length;
    expect(mean(small.data)).toBeCloseTo(mean(photo.data), 0);
    expect(mean(shrinkPixels(small, 8, 8).data)).toBeCloseTo(mean(small.data), 6);
  });
});
