// How well photos are told apart, from a table of scores between photos alone: training/patch/score.py does the same.

import type { ScoredPair } from '../src/core/calibrate';
import { type MatchCurve, probabilityOf } from '../src/core/match';
import { shuffle } from '../src/core/random';

/** labels: whose photo each is. score: (photos, photos) row-major, row = query, column = stored photo. */
export interface Scores {
  readonly labels: readonly string[];
  readonly score: Float32Array;
}

/** Expected top-1 with one reference photo per thing, over all choices of references exactly; every other photo is a query. */
export function topOneWithOne({ labels, score }: Scores): number {
  const n = labels.length;
  const byLabel = groups(labels);
  let [sum, count] = [0, 0];
  for (let query = 0; query < n; query++) {
    const own = (byLabel.get(labels[query] ?? '') ?? []).filter((at) => at !== query);
    if (own.length === 0) continue;
    const to = (at: number): number => score[query * n + at] as number;
    let wins = 0; // summed over which own photo is the reference
    for (const reference of own) {
      let chance = 1;
      for (const [label, photos] of byLabel) {
        if (label !== labels[query]) chance *= share(photos, (rival) => to(reference) > to(rival));
      }
      wins += chance;
    }
    sum += wins / own.length;
    count += 1;
  }
  return sum / Math.max(1, count);
}

/** Top-1 with `references` random photos per thing, a thing scored by its best; mean over seeded rounds. */
export function topOne({ labels, score }: Scores, references: number, rounds: number, seed: number): number {
  const n = labels.length;
  let [right, count] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const { stored, queries } = draw(labels, references, [...groups(labels).keys()], seed + round);
    for (const query of queries) {
      const best = bestOf(stored, (at) => score[query * n + at] as number);
      right += Number(best !== undefined && labels[best] === labels[query]);
      count += 1;
    }
  }
  return right / Math.max(1, count);
}

/**
 * Half the things are enrolled with `references` photos, the rest are strangers: the area under the ROC curve of the best
 * score of queries of the enrolled against that of strangers. Mean over seeded halves.
 */
export function strangersAuroc({ labels, score }: Scores, references: number, rounds: number, seed: number): number {
  const n = labels.length;
  const names = [...groups(labels).keys()].sort();
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const known = shuffle(names, seed + round).slice(0, Math.floor(names.length / 2));
    const { stored, queries } = draw(labels, references, known, seed + round);
    const best = (query: number): number => Math.max(...stored.map((at) => score[query * n + at] as number));
    const strangers = labels.flatMap((label, at) => (known.includes(label) ? [] : [best(at)]));
    sum += auroc(queries.map(best), strangers);
  }
  return sum / rounds;
}

/** What a curve makes of scores: how many of the enrolled are told rightly, how many strangers are let in. */
export interface Decisions {
  readonly right: number;
  readonly strangersIn: number;
}

/**
 * Half the things are enrolled with `references` photos, the rest are strangers. A query is the best-scored thing where that is likelier
 * than the curve's threshold. `curveFor` gets what memory alone can know: the pairs that its own photos make, each asked against the others.
 */
export function decide(
  { labels, score }: Scores,
  references: number,
  rounds: number,
  seed: number,
  curveFor: (pairs: readonly ScoredPair[]) => MatchCurve,
): Decisions {
  const n = labels.length;
  const names = [...groups(labels).keys()].sort();
  const counts = { right: 0, known: 0, strangersIn: 0, strangers: 0 };
  for (let round = 0; round < rounds; round++) {
    const known = shuffle(names, seed + round).slice(0, Math.floor(names.length / 2));
    const { stored, queries } = draw(labels, references, known, seed + round);
    const to = (query: number, among: readonly number[]): number =>
      Math.max(...among.map((at) => score[query * n + at] as number));
    const pairs = stored.flatMap((photo): ScoredPair[] => {
      const own = stored.filter((other) => other !== photo && labels[other] === labels[photo]);
      const others = stored.filter((other) => labels[other] !== labels[photo]);
      return [
        ...(own.length === 0 ? [] : [{ score: to(photo, own), isSame: true }]),
        { score: to(photo, others), isSame: false },
      ];
    });
    const curve = curveFor(pairs);
    const isIn = (query: number): boolean => probabilityOf(to(query, stored), curve) >= curve.threshold;
    for (const query of queries) {
      const best = bestOf(stored, (at) => score[query * n + at] as number);
      counts.known += 1;
      counts.right += Number(isIn(query) && best !== undefined && labels[best] === labels[query]);
    }
    for (const [at, label] of labels.entries()) {
      if (known.includes(label)) continue;
      counts.strangers += 1;
      counts.strangersIn += Number(isIn(at));
    }
  }
  return { right: counts.right / counts.known, strangersIn: counts.strangersIn / counts.strangers };
}

/** How often one of `above` is greater than one of `below`; ties count half. */
export function auroc(above: readonly number[], below: readonly number[]): number {
  let wins = 0;
  for (const a of above) for (const b of below) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (above.length * below.length);
}

/** Which photos of the `known` things are stored, and which are asked about. */
function draw(labels: readonly string[], references: number, known: readonly string[], seed: number) {
  const stored: number[] = [];
  const queries: number[] = [];
  for (const [i, name] of known.entries()) {
    const photos = shuffle(groups(labels).get(name) ?? [], seed * 1009 + i); // 1009: a prime above any count of things
    stored.push(...photos.slice(0, references));
    queries.push(...photos.slice(references));
  }
  return { stored, queries };
}

function groups(labels: readonly string[]): Map<string, number[]> {
  const byLabel = new Map<string, number[]>();
  labels.forEach((label, at) => byLabel.set(label, [...(byLabel.get(label) ?? []), at]));
  return byLabel;
}

function bestOf(items: readonly number[], value: (item: number) => number): number | undefined {
  let best: number | undefined;
  for (const item of items) if (best === undefined || value(item) > value(best)) best = item;
  return best;
}

function share(items: readonly number[], counts: (item: number) => boolean): number {
  return items.filter(counts).length / items.length;
}
