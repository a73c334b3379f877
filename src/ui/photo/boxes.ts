// Boxes under a pointer or arrow keys: all stay inside the photo and large enough to see.

import type { Box } from '../../core/types';

/** Smaller than this (of the photo's edge) and the encoder's grid has nothing in it. */
export const MIN_SIDE = 0.04;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export function boxBetween(a: Point, b: Point): Box {
  const [x0, x1] = [clamp01(Math.min(a.x, b.x)), clamp01(Math.max(a.x, b.x))];
  const [y0, y1] = [clamp01(Math.min(a.y, b.y)), clamp01(Math.max(a.y, b.y))];
  return { x: x0, y: y0, w: x1 - x0, h: y1 - y0 };
}

export function isLargeEnough(box: Box): boolean {
  return box.w >= MIN_SIDE && box.h >= MIN_SIDE;
}

export function moveBox(box: Box, dx: number, dy: number): Box {
  return { ...box, x: clamp(box.x + dx, 0, 1 - box.w), y: clamp(box.y + dy, 0, 1 - box.h) };
}

/** Moves the lower right corner. */
export function resizeBox(box: Box, dw: number, dh: number): Box {
  return { ...box, w: clamp(box.w + dw, MIN_SIDE, 1 - box.x), h: clamp(box.h + dh, MIN_SIDE, 1 - box.y) };
}

function clamp01(value: number): number {
  return clamp(value, 0, 1);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}
