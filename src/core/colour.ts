// Names for measured colours: the twelve words that people and the training renderer (training/render/palette.py) use.

import type { Pixels } from './types';

export const COLOUR_NAMES = [
  'red',
  'orange',
  'yellow',
  'green',
  'turquoise',
  'blue',
  'purple',
  'pink',
  'brown',
  'black',
  'white',
  'grey',
] as const;
export type ColourName = (typeof COLOUR_NAMES)[number];

/**
 * The everyday name of an sRGB colour, channels 0..255. Hue sectors in HSV with the usual exceptions: dark orange is
 * brown, light red is pink. The borders lie halfway between the renderer's palette colours; its jitter stays inside.
 */
export function colourName(r: number, g: number, b: number): ColourName {
  const most = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  const value = most / 255;
  const saturation = most === 0 ? 0 : (most - least) / most;
  if (value < 0.2) return 'black';
  if (saturation < 0.14) return value > 0.78 ? 'white' : value < 0.3 ? 'black' : 'grey';
  const hue = hueOf(r, g, b, most, least);
  if (hue < 20 || hue >= 340) {
    if (saturation < 0.55 && value > 0.7) return 'pink';
    return hue >= 12 && hue < 20 && value < 0.6 ? 'brown' : 'red';
  }
  if (hue < 42) {
    if (value < 0.68) return saturation < 0.25 ? 'grey' : 'brown';
    return saturation < 0.3 ? 'white' : 'orange';
  }
  if (hue < 66) return value < 0.5 ? 'brown' : saturation < 0.22 ? 'white' : 'yellow';
  if (hue < 160) return 'green';
  if (hue < 196) return 'turquoise';
  if (hue < 256) return saturation < 0.2 ? 'grey' : 'blue';
  if (hue < 305) return 'purple';
  return value > 0.6 && saturation < 0.75 ? 'pink' : 'purple';
}

/** Colours of the pixels weighted by `subject` (gridH, gridW) over the photo: name and share, most first, shares sum to 1. */
export function measuredColours(
  pixels: Pixels,
  subject: Float32Array,
  gridW: number,
  gridH: number,
): { name: ColourName; share: number }[] {
  const sums = new Map<ColourName, number>();
  let total = 0;
  // 128 samples a side: a grid cell still has eighty.
  const stepX = Math.max(1, Math.floor(pixels.widthPx / 128));
  const stepY = Math.max(1, Math.floor(pixels.heightPx / 128));
  for (let y = 0; y < pixels.heightPx; y += stepY) {
    const row = Math.min(gridH - 1, Math.floor((y * gridH) / pixels.heightPx));
    for (let x = 0; x < pixels.widthPx; x += stepX) {
      const weight = subject[row * gridW + Math.min(gridW - 1, Math.floor((x * gridW) / pixels.widthPx))] ?? 0;
      if (weight < 0.5) continue; // half: a cell that is mostly background would add the table's colour
      const at = (y * pixels.widthPx + x) * 4;
      const name = colourName(pixels.data[at] as number, pixels.data[at + 1] as number, pixels.data[at + 2] as number);
      sums.set(name, (sums.get(name) ?? 0) + weight);
      total += weight;
    }
  }
  return [...sums]
    .map(([name, sum]) => ({ name, share: sum / total }))
    .sort((a, b) => b.share - a.share || a.name.localeCompare(b.name));
}

/** Hue in degrees, 0..360. */
function hueOf(r: number, g: number, b: number, most: number, least: number): number {
  const range = most - least;
  if (range === 0) return 0;
  if (most === r) return (60 * ((g - b) / range) + 360) % 360;
  if (most === g) return 60 * ((b - r) / range) + 120;
  return 60 * ((r - g) / range) + 240;
}
