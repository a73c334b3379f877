// Boxes that the user draws stay inside the photo, whatever the pointer does.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Box } from '../../../src/core/types';
import { boxBetween, isLargeEnough, MIN_SIDE, moveBox, resizeBox } from '../../../src/ui/photo/boxes';

const anywhere = fc.double({ min: -3, max: 3, noNaN: true });
const point = fc.record({ x: anywhere, y: anywhere });
const drawn = fc.tuple(point, point).map(([a, b]) => boxBetween(a, b));

function isInside({ x, y, w, h }: Box): boolean {
  const slack = 1e-9;
  return x >= 0 && y >= 0 && w >= 0 && h >= 0 && x + w <= 1 + slack && y + h <= 1 + slack;
}

describe('boxes', () => {
  test('a drawn box is inside the photo and does not depend on the direction of the stroke', () => {
    fc.assert(
      fc.property(point, point, (a, b) => {
        expect(isInside(boxBetween(a, b))).toBe(true);
        expect(boxBetween(a, b)).toEqual(boxBetween(b, a));
      }),
    );
  });

  test('moving keeps the size and stays inside', () => {
    fc.assert(
      fc.property(drawn, anywhere, anywhere, (box, dx, dy) => {
        const moved = moveBox(box, dx, dy);
        expect(isInside(moved)).toBe(true);
        expect([moved.w, moved.h]).toEqual([box.w, box.h]);
      }),
    );
  });

  test('resizing keeps the corner, stays inside and never gets too small to see', () => {
    const roomy = drawn.filter((box) => isLargeEnough(box) && box.x <= 1 - MIN_SIDE && box.y <= 1 - MIN_SIDE);
    fc.assert(
      fc.property(roomy, anywhere, anywhere, (box, dw, dh) => {
        const resized = resizeBox(box, dw, dh);
        expect(isInside(resized)).toBe(true);
        expect(isLargeEnough(resized)).toBe(true);
        expect([resized.x, resized.y]).toEqual([box.x, box.y]);
      }),
    );
  });
});
