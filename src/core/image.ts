// Pixels without a canvas: crop, shrink, and boxes in fractions of a photo.

import type { Box, Pixels } from './types';

/** A box around `box` grown by `margin` of its longer side, square in pixels where the photo allows, inside the photo. */
export function squareBox(box: Box, photo: { widthPx: number; heightPx: number }, margin: number): Box {
  const longPx = Math.max(box.w * photo.widthPx, box.h * photo.heightPx) * (1 + 2 * margin);
  const w = Math.min(1, longPx / photo.widthPx);
  const h = Math.min(1, longPx / photo.heightPx);
  const x = Math.min(1 - w, Math.max(0, box.x + box.w / 2 - w / 2));
  const y = Math.min(1 - h, Math.max(0, box.y + box.h / 2 - h / 2));
  return { x, y, w, h };
}

/** A box with every edge inside the photo and no side under `least` (a fraction). NaN becomes 0. */
export function clampBox(box: Box, least = 0.02): Box {
  const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
  const x = Math.min(1 - least, Math.max(0, finite(box.x)));
  const y = Math.min(1 - least, Math.max(0, finite(box.y)));
  return {
    x,
    y,
    w: Math.min(1 - x, Math.max(least, finite(box.w))),
    h: Math.min(1 - y, Math.max(least, finite(box.h))),
  };
}

/** Intersection over union of two boxes, 0..1. */
export function boxOverlap(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  const shared = w * h;
  return shared / (a.w * a.h + b.w * b.h - shared);
}

/** The pixels under a box, at least 1 × 1. */
export function cropPixels(pixels: Pixels, box: Box): Pixels {
  const left = Math.min(pixels.widthPx - 1, Math.max(0, Math.round(box.x * pixels.widthPx)));
  const top = Math.min(pixels.heightPx - 1, Math.max(0, Math.round(box.y * pixels.heightPx)));
  const widthPx = Math.max(1, Math.min(pixels.widthPx - left, Math.round(box.w * pixels.widthPx)));
  const heightPx = Math.max(1, Math.min(pixels.heightPx - top, Math.round(box.h * pixels.heightPx)));
  const data = new Uint8ClampedArray(widthPx * heightPx * 4);
  for (let row = 0; row < heightPx; row++) {
    const from = ((top + row) * pixels.widthPx + left) * 4;
    data.set(pixels.data.subarray(from, from + widthPx * 4), row * widthPx * 4);
  }
  return { widthPx, heightPx, data };
}

/** Area-averaged reduction to exactly (heightPx, widthPx); also enlarges (nearest) when the source is smaller. */
export function shrinkPixels(pixels: Pixels, widthPx: number, heightPx: number): Pixels {
  const data = new Uint8ClampedArray(widthPx * heightPx * 4);
  for (let y = 0; y < heightPx; y++) {
    const top = Math.floor((y * pixels.heightPx) / heightPx);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * pixels.heightPx) / heightPx));
    for (let x = 0; x < widthPx; x++) {
      const left = Math.floor((x * pixels.widthPx) / widthPx);
      const right = Math.max(left + 1, Math.floor(((x + 1) * pixels.widthPx) / widthPx));
      averageInto(pixels, left, top, right, bottom, data, (y * widthPx + x) * 4);
    }
  }
  return { widthPx, heightPx, data };
}

function averageInto(
  pixels: Pixels,
  left: number,
  top: number,
  right: number,
  bottom: number,
  into: Uint8ClampedArray,
  at: number,
): void {
  let r = 0;
  let g = 0;
  let b = 0;
  let a = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const from = (y * pixels.widthPx + x) * 4;
      r += pixels.data[from] as number;
      g += pixels.data[from + 1] as number;
      b += pixels.data[from + 2] as number;
      a += pixels.data[from + 3] as number;
    }
  }
  const count = (right - left) * (bottom - top);
  into[at] = r / count;
  into[at + 1] = g / count;
  into[at + 2] = b / count;
  into[at + 3] = a / count;
}
