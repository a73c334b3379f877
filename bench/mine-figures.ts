// How good mining is where the truth is known: sibling sets whose one distinguishing part is marked in every photo.
// Pure: features in, shares out. bench/mine.worker.ts encodes the photos, test/unit/bench holds the definitions.

import { siblingEvidence } from '../src/core/patch-match';
import { createRng } from '../src/core/random';
import { MINE_DEFAULTS, minePhotos, type Mined, type MineOptions } from '../src/core/stages/mine';
import { nearestSiblings, objectness, type FeatureRows } from '../src/core/stages/mine-signals';
import { cosine } from '../src/core/tensor';
import type { Box, PatchFeatures } from '../src/core/types';

/** One photo of a sibling. `part`: pixels of the distinguishing part in each cell of a (cells, cells) grid. */
export interface SeenPhoto {
  readonly features: PatchFeatures;
  readonly part: Float32Array;
  readonly cells: number;
}

export interface SeenThing {
  readonly id: string;
  readonly set: string; // things of one set are siblings
  readonly photos: readonly SeenPhoto[]; // in memory
  readonly asked: readonly SeenPhoto[]; // never in memory
}

/** One box hits when it covers at least half of the part's pixels; boxes hit together when they do so between them (hoops, legs). */
const COVERED = 0.5;
const ROUNDS = 40; // of random boxes a photo: a standard error under 0.01

export function isHit(boxes: readonly Box[], { part, cells }: SeenPhoto): boolean {
  return boxes.some((box) => covered(box, part, cells) >= COVERED);
}

/** Whether the boxes between them cover half of the part; a cell counts by its middle. */
export function isHitTogether(boxes: readonly Box[], { part, cells }: SeenPhoto): boolean {
  let [inside, all] = [0, 0];
  for (let cell = 0; cell < part.length; cell++) {
    const pixels = part[cell] as number;
    const [x, y] = [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells];
    all += pixels;
    if (boxes.some((box) => x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h)) inside += pixels;
  }
  return all > 0 && inside >= COVERED * all;
}

/** Share of the part's pixels under a box; a cell counts by how much of it is covered. */
export function covered(box: Box, part: Float32Array, cells: number): number {
  let [inside, all] = [0, 0];
  for (let cell = 0; cell < part.length; cell++) {
    const pixels = part[cell] as number;
    if (pixels === 0) continue;
    all += pixels;
    const [x, y] = [cell % cells, Math.floor(cell / cells)];
    const w = Math.min(box.x + box.w, (x + 1) / cells) - Math.max(box.x, x / cells);
    const h = Math.min(box.y + box.h, (y + 1) / cells) - Math.max(box.y, y / cells);
    if (w > 0 && h > 0) inside += pixels * w * h * cells * cells;
  }
  return all === 0 ? 0 : inside / all;
}

/** Mines every thing with all others as the user's other concepts, as the app does. In the order of `things`. */
export function mineAll(things: readonly SeenThing[], bank: FeatureRows, options: MineOptions): Mined[][] {
  const subjects = things.map(({ photos }) => photos.map(({ features }) => objectness(features)));
  return things.map((thing, at) => {
    const own = thing.photos.map(({ features }) => features);
    const others = things.flatMap(({ photos }, index) =>
      index === at
        ? []
        : photos.map(({ features }, i) => ({ features, subject: subjects[index]?.[i] ?? new Float32Array(0) })),
    );
    return minePhotos(own, bank, nearestSiblings(own, others), options);
  });
}

/** Options for k boxes besides the one around the whole subject, with some signals switched off. */
export function optionsOf(k: number, off: readonly (keyof MineOptions['weights'] | 'coSegmentation')[]): MineOptions {
  const weights = { ...MINE_DEFAULTS.weights };
  for (const name of off) if (name !== 'coSegmentation') weights[name] = 0;
  return { ...MINE_DEFAULTS, detailsPerPhoto: k, weights, coSegmentation: !off.includes('coSegmentation') };
}

export const SIGNALS = ['background', 'difficulty', 'consistency', 'siblings', 'coSegmentation'] as const;

/** The first k details; the whole subject would hit everything. */
function detailsOf(mined: Mined | undefined, k: number): Box[] {
  return (mined?.patches ?? []).slice(1, 1 + k).map(({ box }) => box);
}

/** What counts as a hit. */
export type HitRule = typeof isHit;

export function hitRate(
  things: readonly SeenThing[],
  mined: readonly Mined[][],
  k: number,
  rule: HitRule = isHit,
): number {
  return meanOver(things, (photo, at, index) => Number(rule(detailsOf(mined[at]?.[index], k), photo)));
}

/** Share of a photo that the k boxes take up together at most (their areas added), a mean. */
export function areaOf(things: readonly SeenThing[], mined: readonly Mined[][], k: number): number {
  return meanOver(things, (_, at, index) =>
    detailsOf(mined[at]?.[index], k).reduce((sum, box) => sum + box.w * box.h, 0),
  );
}

/** Boxes of the miner's own sizes elsewhere: anywhere in the photo, with the middle on the subject, or around the photo's middle. */
export function placedElsewhere(
  things: readonly SeenThing[],
  mined: readonly Mined[][],
  k: number,
  where: 'anywhere' | 'on the subject' | 'centre',
  rule: HitRule = isHit,
): number {
  const rng = createRng(20_261_125);
  return meanOver(things, (photo, at, index) => {
    const one = mined[at]?.[index];
    const sizes = detailsOf(one, k);
    const { gridW, gridH } = photo.features;
    const inside = [...(one?.subject ?? [])].flatMap((value, cell) => (value >= 0.5 ? [cell] : []));
    const place = ({ w, h }: Box): Box => {
      if (where === 'centre') return { x: (1 - w) / 2, y: (1 - h) / 2, w, h };
      if (where === 'anywhere' || inside.length === 0) return { x: rng() * (1 - w), y: rng() * (1 - h), w, h };
      const cell = inside[Math.floor(rng() * inside.length)] ?? 0;
      const [cx, cy] = [((cell % gridW) + 0.5) / gridW, (Math.floor(cell / gridW) + 0.5) / gridH];
      return { x: clamp(cx - w / 2, 1 - w), y: clamp(cy - h / 2, 1 - h), w, h };
    };
    const rounds = where === 'centre' ? 1 : ROUNDS;
    let hits = 0;
    for (let round = 0; round < rounds; round++) hits += Number(rule(sizes.map(place), photo));
    return hits / rounds;
  });
}

/** Top-1 among the siblings of each asked photo's set, by a score of photo and thing. */
export function siblingTopOne(
  things: readonly SeenThing[],
  score: (asked: SeenPhoto, thing: number) => number,
): number {
  let [right, n] = [0, 0];
  things.forEach((thing, own) => {
    for (const asked of thing.asked) {
      let [best, most] = [-1, -Infinity];
      things.forEach((rival, at) => {
        if (rival.set !== thing.set) return;
        const value = score(asked, at);
        if (value > most) [best, most] = [at, value];
      });
      right += Number(best === own);
      n++;
    }
  });
  return right / Math.max(1, n);
}

/** By the greatest cosine of global vectors. */
export function byGlobal(things: readonly SeenThing[]): (asked: SeenPhoto, thing: number) => number {
  return ({ features }, thing) =>
    Math.max(...(things[thing]?.photos ?? []).map((photo) => cosine(features.global, photo.features.global)));
}

/** By the mined details alone: how well they are found again in the asked photo. */
export function byPatches(
  things: readonly SeenThing[],
  mined: readonly Mined[][],
  k: number,
): (asked: SeenPhoto, thing: number) => number {
  return ({ features }, thing) =>
    siblingEvidence(
      features,
      (things[thing]?.photos ?? []).map((photo, index) => ({
        features: photo.features,
        boxes: detailsOf(mined[thing]?.[index], k),
        scoreMap: mined[thing]?.[index]?.scoreMap ?? new Float32Array(0),
      })),
    );
}

function meanOver(
  things: readonly SeenThing[],
  value: (photo: SeenPhoto, thing: number, photoIndex: number) => number,
): number {
  let [sum, n] = [0, 0];
  things.forEach(({ photos }, at) => {
    photos.forEach((photo, index) => {
      sum += value(photo, at, index);
      n++;
    });
  });
  return sum / Math.max(1, n);
}

function clamp(value: number, high: number): number {
  return Math.min(Math.max(0, value), Math.max(0, high));
}
