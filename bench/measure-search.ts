// How long a search over many photos takes: global vectors and patch vectors of invented concepts, every size in the same run.

import { codedDots, searchRows, type CodedDots, type MutableIndex, type SearchScratch } from '../src/core/photo-search';
import { createRng } from '../src/core/random';
import { normalise } from '../src/core/tensor';
import { createFastIndex } from '../src/runtime/simd-search';

export interface SearchRequest {
  readonly concepts: readonly number[];
  readonly queries: number;
}

export interface SearchSize {
  readonly concepts: number;
  readonly rows: number; // patch vectors
  readonly bytes: number; // of both indexes
  readonly twoPassMs: readonly number[]; // one value a query
  readonly scalarMs: readonly number[]; // the same without SIMD
  readonly fullMs: readonly number[]; // every row in float32
  readonly agree: number; // share of queries in which two passes and the full search found the same rows
  readonly addMs: number; // sixteen patches of one concept more
  readonly removeMs: number;
}

/** The encoder's shape; sixteen patch vectors a concept, and four boxes of the photo that is asked about. */
const [PATCH_DIM, GLOBAL_DIM, EACH, ASKED, K] = [96, 256, 16, 4, 24];
const SEED = 20_261_125;

export function measureSearch({ concepts, queries }: SearchRequest): SearchSize[] {
  return concepts.map((count) => {
    const rng = createRng(SEED);
    const patches = createFastIndex(PATCH_DIM, EACH * count + EACH);
    const globals = createFastIndex(GLOBAL_DIM, count + 1);
    const kinds = directions(64, PATCH_DIM, rng);
    const wholes = directions(64, GLOBAL_DIM, rng);
    for (let concept = 0; concept < count; concept++) {
      patches.index.add(concept, near(kinds, EACH, PATCH_DIM, rng));
      globals.index.add(concept, near(wholes, 1, GLOBAL_DIM, rng));
    }
    const scratch: SearchScratch = { dots: new Int32Array(0) };
    const [twoPassMs, scalarMs, fullMs]: [number[], number[], number[]] = [[], [], []];
    let agreed = 0;
    for (let query = 0; query < queries + WARM; query++) {
      const boxes = near(kinds, ASKED, PATCH_DIM, rng);
      const whole = near(wholes, 1, GLOBAL_DIM, rng);
      const search = (dots: [CodedDots, CodedDots]): number[] => [
        ...searchRows(globals.index, whole, K, dots[0], scratch).map(({ row }) => row),
        ...Array.from({ length: ASKED }, (_, box) =>
          searchRows(patches.index, boxes.subarray(box * PATCH_DIM, (box + 1) * PATCH_DIM), K, dots[1], scratch),
        ).flatMap((found) => found.map(({ row }) => row)),
      ];
      const into = (times: number[]): number[] => (query < WARM ? [] : times);
      const found = timed(into(twoPassMs), () => search([globals.dots, patches.dots]));
      if (query >= WARM + SLOW) continue; // the slow ways need fewer
      timed(into(scalarMs), () => search([codedDots, codedDots]));
      const all = timed(into(fullMs), () => [
        ...full(globals.index, whole, K),
        ...Array.from({ length: ASKED }, (_, box) =>
          full(patches.index, boxes.subarray(box * PATCH_DIM, (box + 1) * PATCH_DIM), K),
        ).flat(),
      ]);
      if (query >= WARM) agreed += Number(found.join() === all.join());
    }
    const bytes = patches.index.bytes + globals.index.bytes + scratch.dots.byteLength;
    const rows = patches.index.rows;
    const [adding, removing]: [number[], number[]] = [[], []];
    timed(adding, () => patches.index.add(count, near(kinds, EACH, PATCH_DIM, rng)));
    timed(removing, () => {
      patches.index.remove(count);
    });
    const agree = agreed / SLOW;
    return {
      ...{ concepts: count, rows, bytes, twoPassMs, scalarMs, fullMs, agree },
      addMs: adding[0] ?? 0,
      removeMs: removing[0] ?? 0,
    };
  });
}

const WARM = 5;
const SLOW = 20;

function directions(count: number, dim: number, rng: () => number): Float32Array[] {
  return Array.from({ length: count }, () => normalise(Float32Array.from({ length: dim }, () => rng() * 2 - 1)));
}

/** Unit rows about random ones of `kinds`: as alike as patches of things of one kind are (cosine about 0.75). */
function near(kinds: readonly Float32Array[], count: number, dim: number, rng: () => number): Float32Array {
  const rows = new Float32Array(count * dim);
  const spread = Math.sqrt(3 / dim) * 0.88;
  for (let row = 0; row < count; row++) {
    const kind = kinds[Math.floor(rng() * kinds.length)] as Float32Array;
    rows.set(normalise(kind.map((value) => value + spread * (rng() * 2 - 1))), row * dim);
  }
  return rows;
}

/** The rival: every row in float32, then the k best. */
function full({ rows, dim, vectors, owner }: MutableIndex, query: Float32Array, k: number): number[] {
  const scores = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = row * dim, j = 0; j < dim; i += 4, j += 4) {
      a += (vectors[i] as number) * (query[j] as number);
      b += (vectors[i + 1] as number) * (query[j + 1] as number);
      c += (vectors[i + 2] as number) * (query[j + 2] as number);
      d += (vectors[i + 3] as number) * (query[j + 3] as number);
    }
    scores[row] = (owner[row] as number) < 0 ? -2 : a + b + c + d;
  }
  const best: number[] = [];
  for (let row = 0; row < rows; row++) {
    const score = scores[row] as number;
    if (best.length === k && score <= (scores[best[k - 1] as number] as number)) continue;
    let at = best.length;
    while (at > 0 && (scores[best[at - 1] as number] as number) < score) at--;
    best.splice(at, 0, row);
    if (best.length > k) best.pop();
  }
  return best;
}

function timed<T>(times: number[], act: () => T): T {
  const startedAt = performance.now();
  const result = act();
  times.push(performance.now() - startedAt);
  return result;
}
