// ImagePort: files to upright pixels and back, in a worker, with a sentence for every way a file can be unusable.
import { AppError } from '../core/errors';
import type { Pixels } from '../core/types';
import type { ImagePort } from '../pipeline/ports';

/** A phone's 48 MP photo passes; its pixels alone are 192 MB, and beyond 60 MP phones run out of memory. */
const MAX_PIXELS = 60_000_000;
const MAX_BYTES = 50_000_000;

const ENCODE_QUALITY = 0.9; // no difference to be seen at 1,024 px; a fifth of the bytes of PNG

export function createImages(): ImagePort {
  let checked = false;
  return {
    async decode(bytes, mime, maxEdgePx) {
      if (!checked) await refuseNoise();
      checked = true;
      return decode(bytes, mime, maxEdgePx);
    },
    encode,
  };
}

async function decode(bytes: ArrayBuffer, mime: string, maxEdgePx: number): Promise<Pixels> {
  if (bytes.byteLength > MAX_BYTES) {
    throw new AppError('too-large', `This file is larger than ${MAX_BYTES / 1e6} MB. Save it smaller and try again.`);
  }
  const bitmap = await createImageBitmap(new Blob([bytes], { type: mime }), {
    imageOrientation: 'from-image',
    colorSpaceConversion: 'default',
    premultiplyAlpha: 'premultiply',
  }).catch((error: unknown) => {
    throw new AppError(
      'bad-image',
      isHeic(bytes) ? HEIC_SENTENCE : 'This file is not an image this browser can read.',
      {
        cause: error,
      },
    );
  });
  try {
    const { width, height } = bitmap;
    if (width * height > MAX_PIXELS) {
      throw new AppError(
        'too-large',
        `This photo has ${Math.round((width * height) / 1e6)} megapixels; up to ${MAX_PIXELS / 1e6} work. Save it smaller and try again.`,
      );
    }
    const scale = Math.min(1, maxEdgePx / Math.max(width, height));
    const widthPx = Math.max(1, Math.round(width * scale));
    const heightPx = Math.max(1, Math.round(height * scale));
    const context = contextOf(widthPx, heightPx);
    context.fillStyle = 'white'; // what lies behind a transparent picture
    context.fillRect(0, 0, widthPx, heightPx);
    context.drawImage(bitmap, 0, 0, widthPx, heightPx);
    return { widthPx, heightPx, data: context.getImageData(0, 0, widthPx, heightPx).data };
  } finally {
    bitmap.close();
  }
}

async function encode(pixels: Pixels): Promise<{ bytes: ArrayBuffer; mime: string }> {
  const context = contextOf(pixels.widthPx, pixels.heightPx);
  context.putImageData(new ImageData(new Uint8ClampedArray(pixels.data), pixels.widthPx, pixels.heightPx), 0, 0);
  // An engine that cannot write WebP gives PNG instead: ask for JPEG, which all can.
  const blob = await context.canvas.convertToBlob({ type: 'image/jpeg', quality: ENCODE_QUALITY });
  return { bytes: await blob.arrayBuffer(), mime: blob.type };
}

function contextOf(widthPx: number, heightPx: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(widthPx, heightPx).getContext('2d', { willReadFrequently: true });
  if (!context) throw new AppError('bad-image', 'This browser gave no canvas to read the photo with.');
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  return context;
}

const HEIC_SENTENCE =
  'This is a HEIC photo, which only Safari can read. Share it as JPEG ("Most Compatible" on an iPhone) and try again.';

/** ISO base media file of a HEIF brand, at bytes 4..11. */
function isHeic(bytes: ArrayBuffer): boolean {
  const head = String.fromCharCode(...new Uint8Array(bytes, 0, Math.min(12, bytes.byteLength)));
  return /^.{4}ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1)/s.test(head);
}

/**
 * Privacy modes add noise to what a canvas gives back (Brave, Firefox's resistFingerprinting): features of such pixels
 * would be wrong without anybody noticing. Flat colours must come back exactly.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- rejects as a promise
async function refuseNoise(): Promise<void> {
  const side = 16;
  const context = contextOf(side, side);
  context.fillStyle = 'rgb(37, 138, 211)';
  context.fillRect(0, 0, side, side);
  const { data } = context.getImageData(0, 0, side, side);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] !== 37 || data[i + 1] !== 138 || data[i + 2] !== 211 || data[i + 3] !== 255) {
      throw new AppError(
        'bad-image',
        'This browser changes the pixels of photos to protect your privacy. Allow canvas access for this page to use photos.',
      );
    }
  }
}
