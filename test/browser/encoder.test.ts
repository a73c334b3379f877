// The patch encoder on the real files: parity with Python, a grid that lies over the photo as it should, and the files
// that ship with it.
import { beforeAll, describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { isAbort } from '../../src/core/errors';
import { cosine, dotRows } from '../../src/core/tensor';
import type { PatchFeatures } from '../../src/core/types';
import { type OpenedEncoder, openEncoder } from '../../src/runtime/encoder';
import { createImages } from '../../src/runtime/image';
import { NEVER, picture } from '../support/mini';

let opened: OpenedEncoder;
beforeAll(async () => {
  opened = await openEncoder('patch', `${location.origin}/`);
});

function row(features: PatchFeatures, at: string): Float32Array {
  const [y = 0, x = 0] = at.split(',').map(Number);
  const start = (y * features.gridW + x) * features.dim;
  return features.grid.slice(start, start + features.dim);
}

test('rows and the global vector have unit length, and the grid is square', async () => {
  const features = await opened.encoder.encode(picture(200, 30, 40), NEVER);
  expect(features.gridW).toBe(features.gridH);
  expect(features.grid.length).toBe(features.gridW * features.gridH * features.dim);
  for (let cell = 0; cell < features.gridW * features.gridH; cell++) {
    expect(dotRows(features.grid, cell, features.grid, cell, features.dim)).toBeCloseTo(1, 3);
  }
  expect(cosine(features.global, features.global)).toBeCloseTo(1, 4);
  expect(dotRows(features.global, 0, features.global, 0, features.globalDim)).toBeCloseTo(1, 3);
});

test('a cell belongs to its place: what changes on the left of a wide photo changes the left of the grid most', async () => {
  const plain = picture(90, 90, 90, { widthPx: 300, heightPx: 100 });
  const marked = { ...plain, data: plain.data.slice() };
  for (let y = 30; y < 70; y++) {
    for (let x = 10; x < 60; x++) marked.data.set([255, 0, 0, 255], (y * 300 + x) * 4);
  }
  const [before, after] = [await opened.encoder.encode(plain, NEVER), await opened.encoder.encode(marked, NEVER)];
  const middle = Math.floor(before.gridH / 2);
  const left = 1 - cosine(row(before, `${middle},1`), row(after, `${middle},1`));
  const right = 1 - cosine(row(before, `${middle},${before.gridW - 2}`), row(after, `${middle},${before.gridW - 2}`));
  expect(left).toBeGreaterThan(2 * right);
});

test('photos asked for at once are encoded one after the other, and an aborted one is not', async () => {
  const controller = new AbortController();
  const wanted = [picture(255, 0, 0), picture(0, 255, 0)].map((pixels) => opened.encoder.encode(pixels, NEVER));
  const unwanted = opened.encoder.encode(picture(0, 0, 255), controller.signal).catch((error: unknown) => error);
  controller.abort();
  const [red, green] = await Promise.all(wanted);
  expect(red && green && cosine(red.global, green.global)).toBeLessThan(0.999);
  expect(isAbort(await unwanted)).toBe(true);
});

test('what ships with it: unit background rows and a calibration in range', () => {
  const { background, calibration } = opened.encoder;
  expect(background.data.length).toBe(background.rows * background.dim);
  for (let at = 0; at < background.rows; at++) {
    expect(dotRows(background.data, at, background.data, at, background.dim)).toBeCloseTo(1, 2);
  }
  expect(calibration.globalWeight).toBeGreaterThanOrEqual(0);
  expect(calibration.globalWeight).toBeLessThanOrEqual(1);
  expect(calibration.threshold).toBeGreaterThan(0);
  expect(calibration.threshold).toBeLessThan(1);
});

const Vectors = v.object({
  gridFull: v.record(v.string(), v.array(v.number())),
  globalFull: v.array(v.number()),
});
const Golden = v.object({
  ramp: Vectors,
  photos: v.record(v.string(), Vectors),
  tolerance: v.object({ exact: v.number(), photoCosine: v.number() }),
});
const found = await fetch('/test/golden/patch/golden.json');
const isThere = found.ok && found.headers.get('content-type')?.includes('json') === true;
const golden = isThere ? v.parse(Golden, await found.json()) : undefined;

describe.skipIf(!golden)(golden ? 'patch and its Python golden' : 'skipped: no test/golden/patch/golden.json', () => {
  test('the same numbers give the same features', async () => {
    const side = 224;
    const planes = new Float32Array(3 * side * side);
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) planes[(c * side + y) * side + x] = ((7 * c + 3 * y + 5 * x) % 64) / 16 - 2;
      }
    }
    const features = await opened.encodePlanes(planes);
    const exact = golden?.tolerance.exact ?? 0;
    for (const [index, value] of (golden?.ramp.globalFull ?? []).entries()) {
      expect(Math.abs((features.global[index] ?? NaN) - value)).toBeLessThan(exact);
    }
    for (const [at, values] of Object.entries(golden?.ramp.gridFull ?? {})) {
      const got = row(features, at);
      for (const [index, value] of values.entries()) expect(Math.abs((got[index] ?? NaN) - value)).toBeLessThan(exact);
    }
  });

  // JPEG decoders and browsers' scaling differ a little; a wrong crop, channel order or normalisation differs a lot.
  test.each(Object.entries(golden?.photos ?? {}))('%s looks the same from here', async (name, expected) => {
    const bytes = await (await fetch(`/test/photos/${name}`)).arrayBuffer();
    const features = await opened.encoder.encode(await createImages().decode(bytes, 'image/jpeg', 1024), NEVER);
    expect(cosine(features.global, Float32Array.from(expected.globalFull))).toBeGreaterThan(0.995);
    for (const [at, values] of Object.entries(expected.gridFull)) {
      expect(cosine(row(features, at), Float32Array.from(values))).toBeGreaterThan(golden?.tolerance.photoCosine ?? 1);
    }
  });
});
