// The six signals of mining, each a pure function on the encoder's grid. cells = gridH · gridW; features are unit rows.

import { otsu, spread } from '../score-map';
import { cosine, dotRows, normalise } from '../tensor';
import type { PatchFeatures } from '../types';

/** Unit feature rows, (rows, dim). */
export interface FeatureRows {
  readonly rows: number;
  readonly dim: number;
  readonly data: Float32Array;
}

const BORDER_PROTOTYPES = 4; // floor, wall, edge of a table, the rest: more begin to take parts of the subject
const STEEPNESS = 12; // of the sigmoid about Otsu's cut: a tenth above the cut reads 0.77
const CENTRE_SPREAD = 0.35; // of the half-diagonal; people centre what they photograph

/**
 * Signal 1: how much each cell belongs to the subject, (cells) in 0..1. Prototypes of the border ring stand for the
 * background; the cells least like them, near the centre, give an object prototype; each cell is then compared with both.
 */
export function objectness(photo: PatchFeatures): Float32Array {
  const { gridW, gridH, dim, grid } = photo;
  const cells = gridW * gridH;
  const border = farthestPrototypes(photo, borderCells(gridW, gridH), BORDER_PROTOTYPES);
  const unlike = new Float32Array(cells);
  for (let cell = 0; cell < cells; cell++) unlike[cell] = 1 - bestMatch(grid, cell, border.data, border.rows, dim);
  const first = spread(unlike);
  for (let y = 0; y < gridH; y++) {
    for (let x = 0; x < gridW; x++) {
      const dx = (x + 0.5) / gridW - 0.5;
      const dy = (y + 0.5) / gridH - 0.5;
      const near = Math.exp(-(dx * dx + dy * dy) / (2 * CENTRE_SPREAD * CENTRE_SPREAD));
      first[y * gridW + x] = (first[y * gridW + x] as number) * near;
    }
  }
  return refine(photo, first, border);
}

/** Compares every cell with the mean of the likely object cells and with the background prototypes. */
function refine(photo: PatchFeatures, likely: Float32Array, background: FeatureRows): Float32Array {
  const { dim, grid } = photo;
  const cells = likely.length;
  let subject = sigmoidAbout(likely);
  for (let round = 0; round < 2; round++) {
    const object = weightedMean(photo, subject);
    const contrast = new Float32Array(cells);
    for (let cell = 0; cell < cells; cell++) {
      const asObject = dotRows(grid, cell, object, 0, dim);
      contrast[cell] = asObject - bestMatch(grid, cell, background.data, background.rows, dim);
    }
    const spreadContrast = spread(contrast);
    // The first guess keeps a share: a subject of two colours is far from its own mean in one of them.
    for (let cell = 0; cell < cells; cell++) {
      spreadContrast[cell] = 0.5 * (spreadContrast[cell] as number) + 0.5 * (likely[cell] as number);
    }
    subject = sigmoidAbout(spread(spreadContrast));
  }
  return subject;
}

/**
 * Signal 2: the subject is what the photos share and their backgrounds do not. Sharpens each photo's objectness by its
 * cells' best match in the other photos' subjects minus that in their backgrounds. (photos) of (cells).
 */
export function coSegment(photos: readonly PatchFeatures[], alone: readonly Float32Array[]): Float32Array[] {
  return photos.map((photo, index) => {
    const own = alone[index] ?? objectness(photo);
    const cells = own.length;
    const shared = new Float32Array(cells);
    let others = 0;
    photos.forEach((other, otherIndex) => {
      const mask = alone[otherIndex];
      if (otherIndex === index || mask === undefined) return;
      others++;
      for (let cell = 0; cell < cells; cell++) {
        let asSubject = -1;
        let asGround = -1;
        for (let at = 0; at < mask.length; at++) {
          const likeness = dotRows(photo.grid, cell, other.grid, at, photo.dim);
          if ((mask[at] as number) >= 0.5) asSubject = Math.max(asSubject, likeness);
          else asGround = Math.max(asGround, likeness);
        }
        shared[cell] = (shared[cell] as number) + asSubject - asGround;
      }
    });
    if (others === 0) return own;
    const agreed = spread(shared);
    const joint = new Float32Array(cells);
    for (let cell = 0; cell < cells; cell++) joint[cell] = Math.sqrt((agreed[cell] as number) * (own[cell] as number));
    return sigmoidAbout(spread(joint));
  });
}

/** Signal 3: greatest cosine of each cell with the background bank shipped with the encoder, (cells) in −1..1. */
export function backgroundLikeness(photo: PatchFeatures, bank: FeatureRows): Float32Array {
  const cells = photo.gridW * photo.gridH;
  const out = new Float32Array(cells);
  for (let cell = 0; cell < cells; cell++) out[cell] = bestMatch(photo.grid, cell, bank.data, bank.rows, photo.dim);
  return out;
}

const BASIS_RANK = 4; // of a 12 × 12 grid: what a photo is made of; the rest is detail

/**
 * Signal 4: how badly a cell is predicted, (cells) ≥ 0. The product of what its eight neighbours' mean leaves over and what a
 * rank-4 basis of the photo leaves over: the counterpart of what diffusion inversion fails to reproduce.
 */
export function difficulty(photo: PatchFeatures): Float32Array {
  const { gridW, gridH, dim, grid } = photo;
  const cells = gridW * gridH;
  const basis = lowRankBasis(photo, BASIS_RANK);
  const mean = new Float32Array(dim);
  const out = new Float32Array(cells);
  for (let y = 0; y < gridH; y++) {
    for (let x = 0; x < gridW; x++) {
      mean.fill(0);
      for (let ny = Math.max(0, y - 1); ny <= Math.min(gridH - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(gridW - 1, x + 1); nx++) {
          if (ny !== y || nx !== x) addRow(mean, grid, ny * gridW + nx, dim, 1);
        }
      }
      normalise(mean);
      const cell = y * gridW + x;
      const along = dotRows(grid, cell, mean, 0, dim);
      let explained = 0;
      for (let b = 0; b < basis.rows; b++) explained += dotRows(grid, cell, basis.data, b, dim) ** 2;
      const byNeighbours = Math.sqrt(Math.max(0, 1 - along * along));
      const byBasis = Math.sqrt(Math.max(0, 1 - explained));
      out[cell] = Math.sqrt(byNeighbours * byBasis);
    }
  }
  return out;
}

/**
 * Signal 5: in how many of the concept's other photos a subject cell and its nearest neighbour choose each other, weighted by
 * their cosine. (photos) of (cells) in 0..1.
 */
export function consistency(photos: readonly PatchFeatures[], subjects: readonly Float32Array[]): Float32Array[] {
  const out = photos.map((photo) => new Float32Array(photo.gridW * photo.gridH));
  for (let a = 0; a < photos.length; a++) {
    for (let b = a + 1; b < photos.length; b++) {
      const first = photos[a] as PatchFeatures;
      const second = photos[b] as PatchFeatures;
      const cellsA = subjectCells(subjects[a]);
      const cellsB = subjectCells(subjects[b]);
      const forward = nearest(first, cellsA, second, cellsB);
      const back = nearest(second, cellsB, first, cellsA);
      forward.forEach(({ cell, match, likeness }) => {
        const returned = back.find((other) => other.cell === match);
        if (returned?.match !== cell) return;
        const share = Math.max(0, likeness) / (photos.length - 1);
        const mapA = out[a] as Float32Array;
        const mapB = out[b] as Float32Array;
        mapA[cell] = (mapA[cell] as number) + share;
        mapB[match] = (mapB[match] as number) + share;
      });
    }
  }
  return out;
}

/**
 * Signal 6: what tells this concept from the user's others, (photos) of (cells): how well a cell is found again in the concept's
 * other photos (mean of the greatest cosine with each one's subject) minus its greatest cosine with any sibling's subject cell. On
 * rendered siblings this finds the one part that differs with an AUROC of 0.83 among subject cells; the distance to siblings alone, which
 * calls every odd view of a part distinctive, 0.66. A concept with one photo has only that distance.
 */
export function distinctiveness(
  photos: readonly PatchFeatures[],
  subjects: readonly Float32Array[],
  siblings: FeatureRows,
): Float32Array[] {
  return photos.map((photo, index) => {
    const theirs = backgroundLikeness(photo, siblings);
    const others = photos.flatMap((other, at) => (at === index ? [] : [{ other, cells: subjectCells(subjects[at]) }]));
    return theirs.map((likeness, cell) => {
      if (others.length === 0) return 1 - likeness;
      let again = 0;
      for (const { other, cells } of others) {
        let best = -1;
        for (const at of cells) best = Math.max(best, dotRows(photo.grid, cell, other.grid, at, photo.dim));
        again += best;
      }
      return again / others.length - likeness;
    });
  });
}

const SIBLING_ROWS = 1024; // 35 ms of processor time a photo at 14 × 14 × 96

/** A photo of another concept. */
export interface OtherPhoto {
  readonly features: PatchFeatures;
  readonly subject: Float32Array;
}

/**
 * The photos that a concept is to be told apart from: those of the user's other concepts, most alike first, each with every row of its
 * subject, until there are `SIBLING_ROWS`. Few rows of everything would leave out just those cells of a twin that are the same as this one's.
 */
export function siblingPhotos<T extends OtherPhoto>(own: readonly PatchFeatures[], others: readonly T[]): T[] {
  const dim = own[0]?.dim ?? 0;
  const ranked = others
    .filter(({ features }) => features.dim === dim)
    .map((other) => ({
      other,
      alike: own.reduce((most, photo) => Math.max(most, cosine(photo.global, other.features.global)), -1),
    }))
    .sort((a, b) => b.alike - a.alike);
  const chosen: T[] = [];
  let rows = 0;
  for (const { other } of ranked) {
    if (rows >= SIBLING_ROWS) break;
    rows += subjectCells(other.subject).length;
    chosen.push(other);
  }
  return chosen;
}

/** Subject rows of `siblingPhotos`. */
export function nearestSiblings(own: readonly PatchFeatures[], others: readonly OtherPhoto[]): FeatureRows {
  const dim = own[0]?.dim ?? 0;
  const parts = siblingPhotos(own, others).map(({ features, subject }) => subjectRows(features, subject, Infinity));
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.rows, 0) * dim);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.rows * dim;
  }
  return { rows: data.length / Math.max(1, dim), dim, data };
}

/** Unit rows of a photo's subject, at most `most`, evenly thinned: what other concepts are compared with. */
export function subjectRows(photo: PatchFeatures, subject: Float32Array, most: number): FeatureRows {
  const all = subjectCells(subject);
  const step = Math.max(1, Math.ceil(all.length / most));
  const cells = all.filter((_, index) => index % step === 0);
  const data = new Float32Array(cells.length * photo.dim);
  cells.forEach((cell, row) =>
    data.set(photo.grid.subarray(cell * photo.dim, (cell + 1) * photo.dim), row * photo.dim),
  );
  return { rows: cells.length, dim: photo.dim, data };
}

/** Cells whose subject value is at least one half; all of them when none is. */
export function subjectCells(subject: Float32Array | undefined): number[] {
  if (subject === undefined) return [];
  const inside: number[] = [];
  for (let cell = 0; cell < subject.length; cell++) if ((subject[cell] as number) >= 0.5) inside.push(cell);
  return inside.length > 0 ? inside : Array.from(subject.keys());
}

// ---------------------------------------------------------------- helpers

function nearest(
  from: PatchFeatures,
  fromCells: readonly number[],
  to: PatchFeatures,
  toCells: readonly number[],
): { cell: number; match: number; likeness: number }[] {
  return fromCells.map((cell) => {
    let match = -1;
    let likeness = -Infinity;
    for (const at of toCells) {
      const value = dotRows(from.grid, cell, to.grid, at, from.dim);
      if (value > likeness) {
        match = at;
        likeness = value;
      }
    }
    return { cell, match, likeness };
  });
}

function bestMatch(rows: Float32Array, row: number, others: Float32Array, count: number, dim: number): number {
  let best = -1;
  for (let other = 0; other < count; other++) best = Math.max(best, dotRows(rows, row, others, other, dim));
  return best;
}

function borderCells(gridW: number, gridH: number): number[] {
  const cells: number[] = [];
  for (let y = 0; y < gridH; y++) {
    for (let x = 0; x < gridW; x++) {
      if (y === 0 || x === 0 || y === gridH - 1 || x === gridW - 1) cells.push(y * gridW + x);
    }
  }
  return cells;
}

/** k-means from farthest-first seeds, three rounds: deterministic. Clusters under a tenth of the cells are dropped: a subject that touches the edge. */
function farthestPrototypes(photo: PatchFeatures, cells: readonly number[], k: number): FeatureRows {
  const { dim, grid } = photo;
  const centres: Float32Array[] = [grid.slice((cells[0] ?? 0) * dim, ((cells[0] ?? 0) + 1) * dim)];
  while (centres.length < Math.min(k, cells.length)) {
    let farthest = cells[0] ?? 0;
    let least = Infinity;
    for (const cell of cells) {
      const likeness = centres.reduce((most, centre) => Math.max(most, dotRows(grid, cell, centre, 0, dim)), -1);
      if (likeness < least) {
        least = likeness;
        farthest = cell;
      }
    }
    centres.push(grid.slice(farthest * dim, (farthest + 1) * dim));
  }
  const counts = new Int32Array(centres.length);
  for (let round = 0; round < 3; round++) {
    const sums = centres.map(() => new Float32Array(dim));
    counts.fill(0);
    for (const cell of cells) {
      let best = 0;
      let likeness = -Infinity;
      centres.forEach((centre, index) => {
        const value = dotRows(grid, cell, centre, 0, dim);
        if (value > likeness) {
          likeness = value;
          best = index;
        }
      });
      addRow(sums[best] as Float32Array, grid, cell, dim, 1);
      counts[best] = (counts[best] as number) + 1;
    }
    sums.forEach((sum, index) => {
      if ((counts[index] as number) > 0) centres[index] = normalise(sum);
    });
  }
  const kept = centres.filter((_, index) => (counts[index] as number) >= cells.length / 10);
  const used = kept.length > 0 ? kept : centres;
  const data = new Float32Array(used.length * dim);
  used.forEach((centre, row) => data.set(centre, row * dim));
  return { rows: used.length, dim, data };
}

function weightedMean(photo: PatchFeatures, weights: Float32Array): Float32Array {
  const mean = new Float32Array(photo.dim);
  for (let cell = 0; cell < weights.length; cell++) addRow(mean, photo.grid, cell, photo.dim, weights[cell] as number);
  return normalise(mean);
}

function addRow(into: Float32Array, rows: Float32Array, row: number, dim: number, weight: number): void {
  const start = row * dim;
  for (let d = 0; d < dim; d++) into[d] = (into[d] as number) + weight * (rows[start + d] as number);
}

function sigmoidAbout(values: Float32Array): Float32Array {
  const cut = otsu(values);
  return values.map((value) => 1 / (1 + Math.exp(-STEEPNESS * (value - cut))));
}

/** Orthonormal rows that span most of the grid, by power iteration with deflation from fixed starts. */
function lowRankBasis(photo: PatchFeatures, rank: number): FeatureRows {
  const { dim, grid } = photo;
  const cells = photo.gridW * photo.gridH;
  const count = Math.min(rank, dim, cells);
  const data = new Float32Array(count * dim);
  const vector = new Float32Array(dim);
  const next = new Float32Array(dim);
  for (let row = 0; row < count; row++) {
    // Starts at a cell spread over the grid, so no start is orthogonal to everything.
    const startCell = Math.floor(((row + 0.5) * cells) / count);
    vector.set(grid.subarray(startCell * dim, (startCell + 1) * dim));
    for (let step = 0; step < 8; step++) {
      next.fill(0);
      for (let cell = 0; cell < cells; cell++) addRow(next, grid, cell, dim, dotRows(grid, cell, vector, 0, dim));
      for (let before = 0; before < row; before++)
        addRow(next, data, before, dim, -dotRows(data, before, next, 0, dim));
      normalise(next);
      vector.set(next);
    }
    data.set(vector, row * dim);
  }
  return { rows: count, dim, data };
}
