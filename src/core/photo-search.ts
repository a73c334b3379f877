// Flat exact search over the vectors of all photos: one buffer of int8 codes for a first pass, float32 rows for the second.

// [Note: Two passes] 160,000 patch vectors of 96 numbers are 61 MB in float32 and take 60 ms to read; as int8 they are 15 MB. The
// first pass takes inner products of codes, four numbers a 32-bit word, and bounds their error: a unit row with step s (its largest
// number / 127) differs from its codes by at most s/2 a number, so an inner product with a unit query, quantised likewise, is off by less than
// `slack`. Every row whose coded product could still reach the k-th best is scored again in float32, so the result is that of a full search,
// ties by row included. SIMD WebAssembly does the first pass (runtime/simd-search.ts); `codedDots` is its oracle and fallback.

import { dotRows } from './tensor';

/** Unit rows with who owns them. Grows by a quarter; a removed row is a hole that the next one fills. */
export interface VectorIndex {
  readonly dim: number;
  readonly rows: number; // used and free, the codes to go through
  readonly codes: Int8Array; // (capacity, stride): zero beyond dim
  readonly stride: number; // dim rounded up to 16
  readonly steps: Float32Array; // (capacity): value = code · step; 0 for a hole
  readonly vectors: Float32Array; // (capacity, dim)
  readonly owner: Int32Array; // (capacity): number of the owner, −1 for a hole
}

export interface Found {
  readonly row: number;
  readonly owner: number;
  readonly score: number; // cosine, float32
}

export interface MutableIndex extends VectorIndex {
  /** Adds unit rows of one owner; returns where they went. */
  add(owner: number, rows: Float32Array): Int32Array;
  /** Frees every row of an owner. Cost: one pass over `owner`. */
  remove(owner: number): void;
  readonly bytes: number;
}

/** Where codes lie: an array of `length` that begins with what an array allotted before holds. Zero where it is new. */
export type Allot = (length: number) => Int8Array;

export function createVectorIndex(dim: number, capacity = 1024, allot?: Allot): MutableIndex {
  const stride = Math.ceil(dim / 16) * 16;
  let codes = (allot ?? fresh)(capacity * stride);
  let steps = new Float32Array(capacity);
  let vectors = new Float32Array(capacity * dim);
  let owner = new Int32Array(capacity).fill(-1);
  let used = 0;
  let free: number[] = [];

  function grow(least: number): void {
    let next = owner.length;
    while (next < least) next = Math.ceil(next * GROWTH);
    if (next === owner.length) return;
    const widen = <T extends Int8Array | Float32Array | Int32Array>(old: T, larger: T): T => {
      larger.set(old);
      return larger;
    };
    codes = allot === undefined ? widen(codes, fresh(next * stride)) : allot(next * stride);
    steps = widen(steps, new Float32Array(next));
    vectors = widen(vectors, new Float32Array(next * dim));
    owner = widen(owner, new Int32Array(next).fill(-1));
  }

  return {
    dim,
    stride,
    get rows() {
      return used;
    },
    get codes() {
      return codes;
    },
    get steps() {
      return steps;
    },
    get vectors() {
      return vectors;
    },
    get owner() {
      return owner;
    },
    get bytes() {
      return codes.byteLength + steps.byteLength + vectors.byteLength + owner.byteLength;
    },
    add(who, rows) {
      const count = rows.length / dim;
      grow(used + Math.max(0, count - free.length));
      const places = new Int32Array(count);
      for (let i = 0; i < count; i++) {
        const row = free.pop() ?? used++;
        places[i] = row;
        vectors.set(rows.subarray(i * dim, (i + 1) * dim), row * dim);
        steps[row] = code(rows, i, dim, codes, row * stride);
        owner[row] = who;
      }
      return places;
    },
    remove(who) {
      for (let row = 0; row < used; row++) {
        if (owner[row] !== who) continue;
        owner[row] = -1;
        steps[row] = 0;
        codes.fill(0, row * stride, (row + 1) * stride);
        free.push(row);
      }
      free = free.sort((a, b) => b - a); // the lowest is taken first
    },
  };
}

const GROWTH = 1.25; // a quarter of the room may stand empty: 160,000 rows of 96 never take more than 98 MB

function fresh(length: number): Int8Array {
  return new Int8Array(length);
}

/** Codes row `at` of `rows` into `codes`; returns the step. */
export function code(rows: Float32Array, at: number, dim: number, codes: Int8Array, offset: number): number {
  let most = 0;
  for (let d = 0; d < dim; d++) most = Math.max(most, Math.abs(rows[at * dim + d] as number));
  const step = most / 127;
  if (step > 0) for (let d = 0; d < dim; d++) codes[offset + d] = Math.round((rows[at * dim + d] as number) / step);
  return step;
}

/** First pass: out[row] = codes[row] · query, whole numbers. */
export type CodedDots = (index: VectorIndex, query: Int8Array, out: Int32Array) => void;

export const codedDots: CodedDots = ({ codes, stride, rows }, query, out) => {
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    const from = row * stride;
    for (let d = 0; d < stride; d++) sum += (codes[from + d] as number) * (query[d] as number);
    out[row] = sum;
  }
};

/** Room for the first pass, reused from query to query. */
export interface SearchScratch {
  dots: Int32Array;
}

/**
 * The k rows with the greatest cosine to a unit query, best first, ties to the lower row: exactly those of a full float32 search, see
 * [Note: Two passes].
 */
export function searchRows(
  index: VectorIndex,
  query: Float32Array,
  k: number,
  dots: CodedDots = codedDots,
  scratch: SearchScratch = { dots: new Int32Array(0) },
): Found[] {
  const { rows, dim, stride, steps, owner, vectors } = index;
  if (scratch.dots.length < rows) scratch.dots = new Int32Array(Math.max(rows, 2 * scratch.dots.length));
  const queryCodes = new Int8Array(stride);
  const queryStep = code(query, 0, dim, queryCodes, 0);
  dots(index, queryCodes, scratch.dots);
  // |q·v − q̂·v̂| ≤ |q|·|v − v̂| + |v̂|·|q − q̂|, and each difference is at most step/2 · √dim long.
  const half = Math.sqrt(dim) / 2;
  const slackOf = (step: number): number => half * step + (1 + half * step) * half * queryStep + 1e-6;
  // The k-th greatest lower bound: nothing whose upper bound is below it can be among the k best.
  const floor = createTop(k);
  for (let row = 0; row < rows; row++) {
    const step = steps[row] as number;
    if (step === 0) continue;
    floor.offer(row, (scratch.dots[row] as number) * step * queryStep - slackOf(step));
  }
  const best = createTop(k);
  const least = floor.least();
  for (let row = 0; row < rows; row++) {
    const step = steps[row] as number;
    if (step === 0) continue;
    const coded = (scratch.dots[row] as number) * step * queryStep;
    if (coded + slackOf(step) < least) continue;
    best.offer(row, dotRows(vectors, row, query, 0, dim));
  }
  return best.list().map(({ row, score }) => ({ row, owner: owner[row] as number, score }));
}

/** The k greatest, kept sorted by insertion: k is small. */
function createTop(k: number) {
  const rows: number[] = [];
  const scores: number[] = [];
  return {
    offer(row: number, score: number): void {
      if (scores.length === k && score <= (scores[k - 1] as number)) return;
      let at = scores.length;
      while (at > 0 && (scores[at - 1] as number) < score) at--;
      scores.splice(at, 0, score);
      rows.splice(at, 0, row);
      if (scores.length > k) {
        scores.pop();
        rows.pop();
      }
    },
    least: (): number => (scores.length < k ? -Infinity : (scores[k - 1] as number)),
    list: () => rows.map((row, at) => ({ row, score: scores[at] as number })),
  };
}
