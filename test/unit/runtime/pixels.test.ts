// Resizing agrees with Pillow (test/golden/resize/make.py) within one grey level.
import { expect, test } from 'vitest';
import { type FilterName, resize, toPlanes } from '../../../src/runtime/pixels';
import golden from '../../golden/resize/golden.json';

const source = { widthPx: golden.widthPx, heightPx: golden.heightPx, data: bytesOf(golden.rgba) };

test.each(golden.cases)('$filter to $widthPx × $heightPx', ({ filter, widthPx, heightPx, rgb }) => {
  const expected = bytesOf(rgb);
  const got = resize(source, widthPx, heightPx, filter as FilterName);
  let worst = 0;
  for (let pixel = 0; pixel < widthPx * heightPx; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const difference = (got[4 * pixel + channel] ?? 0) - (expected[3 * pixel + channel] ?? 0);
      worst = Math.max(worst, Math.abs(difference));
    }
  }
  expect(worst).toBeLessThanOrEqual(1);
});

test('planes are normalised and planar', () => {
  const white = { widthPx: 2, heightPx: 1, data: new Uint8ClampedArray([255, 0, 255, 255, 0, 255, 255, 255]) };
  const planes = toPlanes(white, 2, 1, { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.25], filter: 'bilinear' });
  expect([...planes]).toEqual([1, -1, -1, 1, 2, 2]);
});

function bytesOf(base64: string): Uint8ClampedArray {
  return new Uint8ClampedArray(Buffer.from(base64, 'base64'));
}
