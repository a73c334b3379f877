// Which stored photos are worth comparing with a photo cell by cell: those like it as a whole, and those like a part of it.

import { nearBackground } from './background-bank';
import { codedDots, createVectorIndex, searchRows, type CodedDots, type MutableIndex } from './photo-search';
import { type FeatureRows, subjectCells } from './stages/mine-signals';
import { dotRows, normalise } from './tensor';
import type { ConceptId, PatchFeatures, PhotoId, PhotoVectors } from './types';

// [Note: Photo candidates] Late interaction reads every cell of both photos, so a large memory must be searched first. The global vector finds
// what fills a photo; a photo of two things is like neither as a whole. So each stored photo also leaves TELLING_ROWS vectors that stand
// for the cells of its subject (k-means), the photo that is asked about is read as ASKED_ROWS such vectors, and half of the candidates are the owners
// of the rows nearest to each of them in turn. Two dreambooth things side by side, among 930 photos: both among 24 candidates in 0.95 of 80 photos,
// by the global vector alone in 0.76; 8 rows asked find no more than 4, the cells least like background instead of means 0.93.
const TELLING_ROWS = 16;
const ASKED_ROWS = 4;
const ROUNDS = 4; // of k-means; more change no candidate

/** Rows of one length, searched exactly: runtime/simd-search.ts makes faster ones. */
export interface RowIndex {
  readonly index: MutableIndex;
  readonly dots: CodedDots;
}

export type MakeIndex = (dim: number) => RowIndex;

export const plainIndex: MakeIndex = (dim) => ({ index: createVectorIndex(dim), dots: codedDots });

/** Whose photos: of one concept alone, or of all but one. */
export interface Whose {
  readonly of?: ConceptId;
  readonly notOf?: ConceptId;
}

/** The photos of a memory by what they are like. Grids are not kept: only rows, and which photo they are of. */
export interface PhotoIndex {
  /** In place of what was known of the same photo. */
  add(photo: PhotoVectors): void;
  remove(id: PhotoId): void;
  has(id: PhotoId): boolean;
  ids(): PhotoId[];
  /** At most `most` photos that may show what the query shows or a part of it, likeliest first. */
  candidates(query: PatchFeatures, most: number): PhotoId[];
  /** At most `most` photos like the query as a whole, the most alike first. */
  nearest(query: PatchFeatures, most: number, whose: Whose): PhotoId[];
  readonly bytes: number;
}

/** For vectors of one encoder: `bank` is its background, which says what of a photo is ground. */
export function createPhotoIndex(bank: FeatureRows, make: MakeIndex = plainIndex): PhotoIndex {
  let rows: { readonly wholes: RowIndex; readonly parts: RowIndex } | undefined;
  const photos: ({ readonly id: PhotoId; readonly conceptId: ConceptId; readonly row: number } | undefined)[] = []; // by owner number
  const numbers = new Map<PhotoId, number>();

  function remove(id: PhotoId): void {
    const number = numbers.get(id);
    if (number === undefined || rows === undefined) return;
    rows.wholes.index.remove(number);
    rows.parts.index.remove(number);
    photos[number] = undefined;
    numbers.delete(id);
  }

  /** Photos by the rows nearest to a vector; each once. */
  function owners({ index, dots }: RowIndex, query: Float32Array, k: number): number[] {
    return [...new Set(searchRows(index, query, k, dots).map(({ owner }) => owner))];
  }

  return {
    add({ photoId, conceptId, features, subject }) {
      remove(photoId);
      rows ??= { wholes: make(features.globalDim), parts: make(features.dim) };
      const number = photos.length;
      const [row = 0] = rows.wholes.index.add(number, features.global);
      photos.push({ id: photoId, conceptId, row });
      numbers.set(photoId, number);
      rows.parts.index.add(number, meansOf(features, subjectCells(subject), TELLING_ROWS, weightsOf(features, bank)));
    },
    remove,
    has: (id) => numbers.has(id),
    ids: () => [...numbers.keys()],
    candidates(query, most) {
      if (rows === undefined) return [];
      const wholes = owners(rows.wholes, query.global, most);
      const found = new Set(wholes.slice(0, Math.ceil(most / 2)));
      const cells = Array.from({ length: query.gridW * query.gridH }, (_, cell) => cell);
      const asked = meansOf(query, cells, ASKED_ROWS, weightsOf(query, bank));
      const lists = Array.from({ length: asked.length / query.dim }, (_, row) =>
        owners(rows?.parts as RowIndex, asked.subarray(row * query.dim, (row + 1) * query.dim), most * TELLING_SHARE),
      );
      for (let rank = 0; rank < Math.max(0, ...lists.map((list) => list.length)); rank++) {
        for (const list of lists) {
          const owner = list[rank];
          if (owner !== undefined && found.size < most) found.add(owner);
        }
      }
      for (const owner of wholes) if (found.size < most) found.add(owner);
      return [...found].flatMap((number) => photos[number]?.id ?? []);
    },
    nearest(query, most, { of, notOf }) {
      if (rows === undefined) return [];
      const { index } = rows.wholes;
      const ownedBy = (id: ConceptId | undefined) => photos.filter((photo) => photo?.conceptId === id);
      if (of !== undefined) {
        const alike = (row: number): number => dotRows(index.vectors, row, query.global, 0, index.dim);
        const own = ownedBy(of).flatMap((photo) =>
          photo === undefined ? [] : [{ ...photo, score: alike(photo.row) }],
        );
        own.sort((a, b) => b.score - a.score || a.row - b.row);
        return own.slice(0, most).map(({ id }) => id);
      }
      // Those left out may all be nearer than the first that is wanted.
      const left = notOf === undefined ? 0 : ownedBy(notOf).length;
      const near = owners(rows.wholes, query.global, most + left).flatMap((number) => photos[number] ?? []);
      const others = near.filter(({ conceptId }) => conceptId !== notOf);
      return others.slice(0, most).map(({ id }) => id);
    },
    get bytes() {
      return rows === undefined ? 0 : rows.wholes.index.bytes + rows.parts.index.bytes;
    },
  };
}

/** Rows searched for a photo wanted: several rows of one photo may be the nearest. */
const TELLING_SHARE = 2;

/** How much a cell says of a thing: less the nearer it is to the background. */
function weightsOf(photo: PatchFeatures, bank: FeatureRows): Float32Array {
  return nearBackground(photo, bank).map((near) => Math.exp(-GROUND * near));
}

const GROUND = 6;

/** Spherical k-means of some cells, begun at those farthest from each other: at most k unit rows (k, dim), the same every time. */
function meansOf(photo: PatchFeatures, cells: readonly number[], k: number, weights: Float32Array): Float32Array {
  const { grid, dim } = photo;
  const weightOf = (cell: number): number => weights[cell] as number;
  const count = Math.min(k, cells.length);
  const means = new Float32Array(count * dim);
  const far = new Float32Array(cells.length).fill(1); // 1 − greatest cosine with a mean so far
  for (let mean = 0; mean < count; mean++) {
    let best = 0;
    cells.forEach((cell, at) => {
      if ((far[at] as number) * weightOf(cell) > (far[best] as number) * weightOf(cells[best] as number)) best = at;
    });
    means.set(grid.subarray((cells[best] as number) * dim, ((cells[best] as number) + 1) * dim), mean * dim);
    cells.forEach((cell, at) => {
      far[at] = Math.min(far[at] as number, 1 - dotRows(grid, cell, means, mean, dim));
    });
  }
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float32Array(means.length);
    for (const cell of cells) {
      let [mean, most] = [0, -Infinity];
      for (let other = 0; other < count; other++) {
        const alike = dotRows(grid, cell, means, other, dim);
        if (alike > most) [mean, most] = [other, alike];
      }
      for (let d = 0; d < dim; d++) {
        sums[mean * dim + d] = (sums[mean * dim + d] as number) + weightOf(cell) * (grid[cell * dim + d] as number);
      }
    }
    for (let mean = 0; mean < count; mean++) {
      const sum = sums.subarray(mean * dim, (mean + 1) * dim);
      if (sum.some((value) => value !== 0)) means.set(normalise(sum), mean * dim);
    }
  }
  return means;
}
