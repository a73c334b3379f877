// How near the cells of a photo are to the background bank that an encoder ships: what is ground says little.

import type { FeatureRows } from './stages/mine-signals';
import { dotRows } from './tensor';
import type { PatchFeatures } from './types';

// It depends on a photo and the bank alone; photos keep it while they are in memory.
const known = new WeakMap<PatchFeatures, { bank: FeatureRows; near: Float32Array }>();

/** (cells): each cell's greatest cosine with the bank, −1 without one. Kept for the photo: 5 M multiplications at 14 × 14 × 96 × 256. */
export function nearBackground(photo: PatchFeatures, bank: FeatureRows): Float32Array {
  const before = known.get(photo);
  if (before?.bank === bank) return before.near;
  const near = new Float32Array(photo.gridW * photo.gridH).fill(-1);
  if (bank.dim === photo.dim) {
    for (let cell = 0; cell < near.length; cell++) {
      for (let row = 0; row < bank.rows; row++)
        near[cell] = Math.max(near[cell] as number, dotRows(photo.grid, cell, bank.data, row, bank.dim));
    }
  }
  known.set(photo, { bank, near });
  return near;
}
