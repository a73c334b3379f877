// Each mining signal on synthetic grids, and what becomes of them: boxes, NMS, diversity, the switches.
import { describe, expect, it } from 'vitest';
import { boxOverlap } from '../../../src/core/image';
import { MINE_DEFAULTS, minePhotos, subjectBox } from '../../../src/core/stages/mine';
import {
  backgroundLikeness,
  consistency,
  coSegment,
  difficulty,
  objectness,
  distinctiveness,
  nearestSiblings,
  siblingPhotos,
  subjectRows,
  type FeatureRows,
} from '../../../src/core/stages/mine-signals';
import { DIM, direction, grid, GRID, means, type Thing } from '../../support/grids';

const mug: Thing = { left: 4, top: 3, right: 9, bottom: 9, parts: [11, 12] };
const [left, right] = [
  { ...mug, right: 6 },
  { ...mug, left: 7 },
];
const photo = grid([mug], 1, 1);
const none: FeatureRows = { rows: 0, dim: DIM, data: new Float32Array(0) };
const rows = (...seeds: number[]): FeatureRows => {
  const data = new Float32Array(seeds.length * DIM);
  seeds.forEach((seed, row) => data.set(direction(seed), row * DIM));
  return { rows: seeds.length, dim: DIM, data };
};

describe('signals', () => {
  it('objectness: the thing stands out from what lies along the border', () => {
    const { inside, outside } = means(objectness(photo), mug);
    expect(inside).toBeGreaterThan(0.8);
    expect(outside).toBeLessThan(0.15);
  });

  it('co-segmentation: what only one photo shows is not the subject', () => {
    const clutter: Thing = { left: 0, top: 9, right: 4, bottom: 12, parts: [50] };
    const photos = [
      grid([mug, { ...clutter, left: 1, bottom: 11 }], 1, 1),
      grid([{ ...mug, left: 2, right: 7 }], 3, 2),
      grid([{ ...mug, left: 5, right: 10 }], 5, 3),
    ];
    const alone = photos.map(objectness);
    const [sharp] = coSegment(photos, alone);
    if (sharp === undefined || alone[0] === undefined) throw new Error('no map');
    const seen = { left: 1, top: 9, right: 4, bottom: 11 };
    expect(means(sharp, mug).inside).toBeGreaterThan(0.7);
    expect(means(sharp, seen).inside).toBeLessThan(0.35);
    expect(means(sharp, seen).inside).toBeLessThan(means(alone[0], seen).inside);
  });

  it('background: cells like the bank are told', () => {
    const map = backgroundLikeness(photo, rows(1, 2));
    expect(means(map, mug).outside).toBeGreaterThan(means(map, mug).inside + 0.3);
  });

  it('difficulty: an odd spot is badly predicted, a plain surface is not', () => {
    const spot: Thing = { left: 6, top: 6, right: 7, bottom: 7, parts: [99] };
    const clutter = [0, 1, 2, 3].map((i): Thing => ({
      left: 0,
      top: 3 * i,
      right: 2,
      bottom: 3 * i + 3,
      parts: [60 + i],
    }));
    const map = difficulty(grid([spot, { ...mug, parts: [11] }, ...clutter], 1, 4, 0.05));
    const plain = { left: 5, top: 4, right: 8, bottom: 5 };
    expect(means(map, spot).inside).toBeGreaterThan(2 * means(map, plain).inside);
  });

  it('consistency: what returns in the other photos counts, what is new does not', () => {
    const sticker: Thing = { left: 5, top: 5, right: 7, bottom: 7, parts: [77] };
    const photos = [grid([sticker, mug], 1, 1), grid([mug], 1, 2), grid([mug], 3, 3)];
    const subject = new Float32Array(GRID * GRID).fill(1);
    const [map] = consistency(photos, [subject, subject, subject]);
    if (map === undefined) throw new Error('no map');
    expect(Math.max(...map)).toBeLessThanOrEqual(1.001);
    expect(means(map, sticker).inside).toBeLessThan(0.5 * means(map, { ...mug, bottom: 5 }).inside);
  });

  it('siblings: the part another concept has too tells nothing', () => {
    const [map] = distinctiveness([photo], [objectness(photo)], rows(11));
    if (map === undefined) throw new Error('no map');
    expect(means(map, right).inside).toBeGreaterThan(means(map, left).inside + 0.3);
  });

  it('siblings: what the other photos of the concept do not show again is not distinctive, however odd', () => {
    const sticker: Thing = { left: 5, top: 5, right: 7, bottom: 7, parts: [77] };
    const photos = [grid([sticker, mug], 1, 1), grid([mug], 1, 2), grid([mug], 3, 3)];
    const subject = new Float32Array(GRID * GRID).fill(1);
    const [map] = distinctiveness(photos, [subject, subject, subject], rows(11));
    if (map === undefined) throw new Error('no map');
    expect(means(map, sticker).inside).toBeLessThan(means(map, right).inside - 0.3);
  });

  it('siblings: the most alike photos first, whole, until there are enough', () => {
    const own = [grid([mug], 1, 1)];
    const subject = new Float32Array(GRID * GRID).fill(1);
    const others = Array.from({ length: 12 }, (_, seed) => ({
      features: grid([mug], 1 + 5 * seed, seed + 2),
      subject,
    }));
    const chosen = siblingPhotos(own, others);
    expect(chosen).toHaveLength(Math.ceil(1024 / (GRID * GRID)));
    expect(chosen[0]).toBe(others[0]); // the same ground
    expect(nearestSiblings(own, others).rows).toBe(chosen.length * GRID * GRID);
  });

  it('subject rows are unit rows of the subject, no more than asked', () => {
    const found = subjectRows(photo, objectness(photo), 7);
    expect(found.rows).toBeGreaterThan(3);
    expect(found.rows).toBeLessThanOrEqual(7);
  });
});

describe('minePhotos', () => {
  const truth = { x: mug.left / GRID, y: mug.top / GRID, w: 5 / GRID, h: 6 / GRID };

  it('outlines the subject first, then details inside it that do not overlap', () => {
    const [mined] = minePhotos([photo], rows(1, 2), none);
    const [whole, ...details] = mined?.patches ?? [];
    if (whole === undefined) throw new Error('no patch');
    expect(boxOverlap(whole.box, truth)).toBeGreaterThan(0.7);
    expect(details.length).toBe(MINE_DEFAULTS.detailsPerPhoto);
    for (const [index, { box }] of details.entries()) {
      expect(boxOverlap(box, { ...box, ...whole.box })).toBeGreaterThan(0);
      for (const other of details.slice(index + 1)) expect(boxOverlap(box, other.box)).toBeLessThanOrEqual(0.3);
    }
  });

  it('is deterministic and keeps the order of photos', () => {
    const photos = [photo, grid([{ ...mug, left: 2, right: 7 }], 3, 2)];
    expect(minePhotos(photos, none, none)).toEqual(minePhotos(photos, none, none));
    const swapped = minePhotos([...photos].reverse(), none, none).reverse();
    expect(swapped.map(({ patches }) => patches[0]?.box)).toEqual(
      minePhotos(photos, none, none).map(({ patches }) => patches[0]?.box),
    );
  });

  it('looks where siblings differ, and not when that signal is off', () => {
    const details = (siblings: number): number => {
      const weights = { background: 0, difficulty: 0, consistency: 0, siblings };
      const [mined] = minePhotos([photo], none, rows(11), { ...MINE_DEFAULTS, weights, detailsPerPhoto: 1 });
      const box = mined?.patches[1]?.box;
      return box === undefined ? NaN : (box.x + box.w / 2) * GRID;
    };
    expect(details(1)).toBeGreaterThan(6.5);
    expect(details(0)).not.toBe(details(1));
  });

  it('takes the whole photo when nothing stands out', () => {
    expect(subjectBox(new Float32Array(GRID * GRID), GRID, GRID)).toMatchObject({
      left: 0,
      top: 0,
      right: GRID,
      bottom: GRID,
    });
    for (const { patches } of minePhotos([grid([], 1, 9)], none, none)) expect(patches.length).toBeGreaterThan(0);
  });
});
