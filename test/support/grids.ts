// Synthetic encoder features: things of known directions on grounds of known directions, with seeded noise.
import { createRng } from '../../src/core/random';
import { normalise } from '../../src/core/tensor';
import type { PatchFeatures } from '../../src/core/types';

export const GRID = 12;
export const DIM = 32;

/** A thing on the grid: cells [left, right) × [top, bottom), one or more parts by column, each with its own direction. */
export interface Thing {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly parts: readonly number[]; // seeds of directions
}

export function direction(seed: number): Float32Array {
  const rng = createRng(seed * 7919 + 13);
  return normalise(Float32Array.from({ length: DIM }, () => rng() * 2 - 1));
}

/** A grid whose ground varies between two directions (left to right) and on which things stand. */
export function grid(things: readonly Thing[], ground: number, seed: number, noise = 0.12): PatchFeatures {
  const rng = createRng(seed);
  const data = new Float32Array(GRID * GRID * DIM);
  const whole = new Float32Array(DIM);
  for (let y = 0; y < GRID; y++) {
    for (let x = 0; x < GRID; x++) {
      const thing = things.find((t) => x >= t.left && x < t.right && y >= t.top && y < t.bottom);
      const share = x / GRID;
      const base = thing
        ? direction(thing.parts[Math.floor(((x - thing.left) * thing.parts.length) / (thing.right - thing.left))] ?? 0)
        : direction(ground).map((value, d) => (1 - share) * value + share * (direction(ground + 1)[d] ?? 0));
      const row = data.subarray((y * GRID + x) * DIM, (y * GRID + x + 1) * DIM);
      row.set(base);
      for (let d = 0; d < DIM; d++) row[d] = (row[d] ?? 0) + noise * (rng() * 2 - 1);
      normalise(row);
      for (let d = 0; d < DIM; d++) whole[d] = (whole[d] ?? 0) + (row[d] ?? 0);
    }
  }
  return { gridW: GRID, gridH: GRID, dim: DIM, grid: data, globalDim: DIM, global: normalise(whole) };
}

/** Mean of a map inside and outside a rectangle of cells. */
export function means(map: Float32Array, box: Omit<Thing, 'parts'>): { inside: number; outside: number } {
  let [inside, outside, n] = [0, 0, 0];
  map.forEach((value, cell) => {
    const [x, y] = [cell % GRID, Math.floor(cell / GRID)];
    if (x >= box.left && x < box.right && y >= box.top && y < box.bottom) {
      inside += value;
      n++;
    } else outside += value;
  });
  return { inside: inside / n, outside: outside / (map.length - n) };
}
