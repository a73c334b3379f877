// Files to pixels: orientation, sizes, and a sentence for what cannot be used.
import { expect, test } from 'vitest';
import { isAppError } from '../../src/core/errors';
import { createImages } from '../../src/runtime/image';
import { resize } from '../../src/runtime/pixels';
import { picture } from '../support/mini';

const images = createImages();

async function codeOf(bytes: ArrayBuffer, mime = 'image/jpeg'): Promise<string> {
  const error: unknown = await images.decode(bytes, mime, 1024).catch((thrown: unknown) => thrown);
  return isAppError(error) ? error.code : `not refused: ${JSON.stringify(error)}`;
}

test('what is encoded decodes to the same picture, smaller if it must be', async () => {
  const original = picture(220, 40, 30, { widthPx: 120, heightPx: 80 });
  const { bytes, mime } = await images.encode(original);
  expect(mime).toBe('image/jpeg');
  const same = await images.decode(bytes, mime, 1024);
  expect([same.widthPx, same.heightPx]).toEqual([120, 80]);
  let error = 0;
  for (let i = 0; i < same.data.length; i++) error += Math.abs((same.data[i] ?? 0) - (original.data[i] ?? 0));
  expect(error / same.data.length).toBeLessThan(4); // JPEG
  const small = await images.decode(bytes, mime, 60);
  expect([small.widthPx, small.heightPx]).toEqual([60, 40]);
});

test('a photo that says "turn me" is turned', async () => {
  const { bytes } = await images.encode(picture(0, 0, 255, { widthPx: 64, heightPx: 32 }));
  const turned = await images.decode(withOrientation(bytes, 6), 'image/jpeg', 1024);
  expect([turned.widthPx, turned.heightPx]).toEqual([32, 64]);
});

test('a damaged file, words and HEIC are refused with a sentence', async () => {
  const { bytes } = await images.encode(picture(1, 2, 3));
  expect(await codeOf(bytes.slice(0, 40))).toBe('bad-image');
  expect(await codeOf(new TextEncoder().encode('hello').buffer, 'text/plain')).toBe('bad-image');
  const heic = new TextEncoder().encode('\0\0\0\x18ftypheic\0\0\0\0').buffer;
  const error: unknown = await images.decode(heic, 'image/heic', 1024).catch((thrown: unknown) => thrown);
  expect(isAppError(error) && error.message).toContain('HEIC');
});

test('too many bytes are refused before they are decoded', async () => {
  expect(await codeOf(new ArrayBuffer(50_000_001))).toBe('too-large');
});

test('a transparent picture stands on white', async () => {
  const canvas = new OffscreenCanvas(8, 8);
  canvas.getContext('2d')?.clearRect(0, 0, 8, 8);
  const png = await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer();
  const { data } = await images.decode(png, 'image/png', 64);
  expect([...data.slice(0, 4)]).toEqual([255, 255, 255, 255]);
});

test.each(['bilinear', 'bicubic', 'lanczos'] as const)('resizing (%s) keeps flat colours and the mean', (filter) => {
  const flat = { widthPx: 30, heightPx: 20, data: new Uint8ClampedArray(30 * 20 * 4).fill(77) };
  expect(resize(flat, 7, 11, filter).every((value) => value === 77)).toBe(true);
  const source = picture(250, 10, 10, { widthPx: 64, heightPx: 64 });
  const half = resize(source, 32, 32, filter);
  const mean = (bytes: Uint8ClampedArray): number => bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
  expect(Math.abs(mean(half) - mean(source.data))).toBeLessThan(0.5);
});

/** Puts an EXIF segment with one tag, the orientation, right behind the start of a JPEG. */
function withOrientation(jpeg: ArrayBuffer, orientation: number): ArrayBuffer {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const body = [...new TextEncoder().encode('Exif\0\0'), ...tiff];
  const segment = [0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body];
  const bytes = new Uint8Array(jpeg);
  return new Uint8Array([...bytes.slice(0, 2), ...segment, ...bytes.slice(2)]).buffer;
}
