// Stage 7, decode: which token follows. Greedy by default; temperature, top-k, top-p, min-p and repetition penalty.

import { createRng, type Rng } from '../random';

export interface Sampling {
  readonly temperature: number; // 0: greedy
  readonly topK: number; // 0: off
  readonly topP: number; // 1: off
  readonly minP: number; // 0: off; keeps tokens of at least minP × the best token's probability
  readonly repetitionPenalty: number; // 1: off; CTRL's rule (arXiv 1909.05858)
  readonly seed: number;
  readonly maxTokens: number;
  readonly mustAnswer?: boolean; // the answer does not begin as "I don't know." does: retrieval is sure of a fact
  readonly opening?: string; // words the answer begins with: what retrieval recognised in a photo
  readonly minTokens?: number; // the end of turn is not picked before so many
  readonly stop?: readonly string[]; // the answer ends before the first of these: [Note: Stop strings]
  readonly names?: readonly string[]; // linked names, written out once begun: see [Note: names are written out]
}

/** A fact is looked up, not invented: greedy. 96 tokens hold three of mini's sentences. */
export const GREEDY: Sampling = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  seed: 1,
  maxTokens: 96,
};

/** Buffers reused between tokens so that decoding allocates nothing that grows. */
export interface Scratch {
  readonly scores: Float32Array; // (vocab)
  readonly ids: Int32Array; // (vocab) candidates; a max-heap while the best are taken off it
  readonly weights: Float64Array; // (vocab) probabilities, not normalised: the best token's is 1
}

export function createScratch(vocab: number): Scratch {
  return { scores: new Float32Array(vocab), ids: new Int32Array(vocab), weights: new Float64Array(vocab) };
}

/**
 * The next token. logits: (vocab), left as they are. `history`: tokens the repetition penalty looks at; `banned`: one that
 * must not come. Ties go to the lower id, so that greedy decoding is the same on every backend. NaN logits are never picked.
 */
export function pickToken(
  logits: Float32Array,
  history: ArrayLike<number>,
  sampling: Sampling,
  rng: Rng,
  scratch: Scratch = createScratch(logits.length),
  banned?: number,
): number {
  const scores = adjust(logits, history, sampling.repetitionPenalty, scratch, banned);
  const best = argmax(scores);
  if (sampling.temperature <= 0) return best;
  return draw(scores, best, sampling, rng, scratch);
}

/** A sampler for one answer: owns its random stream and buffers. */
export function createSampler(
  sampling: Sampling,
): (logits: Float32Array, history: ArrayLike<number>, banned?: number) => number {
  const rng = createRng(sampling.seed);
  let scratch: Scratch | undefined;
  return (logits, history, banned) => {
    if (scratch?.scores.length !== logits.length) scratch = createScratch(logits.length);
    return pickToken(logits, history, sampling, rng, scratch, banned);
  };
}

/** Index of the largest number, the lower one on a tie; NaN loses to everything. */
export function argmax(scores: Float32Array): number {
  let best = 0;
  let bestScore = -Infinity;
  for (let id = 0; id < scores.length; id++) {
    const score = scores[id] as number;
    if (score > bestScore) {
      best = id;
      bestScore = score;
    }
  }
  return best;
}

function adjust(
  logits: Float32Array,
  history: ArrayLike<number>,
  penalty: number,
  { scores }: Scratch,
  banned: number | undefined,
): Float32Array {
  const penalised = penalty !== 1 && history.length > 0;
  if (!penalised && banned === undefined) return logits;
  scores.set(logits);
  for (let i = 0; penalised && i < history.length; i++) {
    const id = history[i] as number;
    const score = logits[id]; // from the logits: a token seen twice is penalised once
    if (score !== undefined) scores[id] = score > 0 ? score / penalty : score * penalty;
  }
  if (banned !== undefined) scores[banned] = -Infinity;
  return scores;
}

/**
 * Draws one token: temperature over the whole vocabulary, then min-p, then the best `topK`, then as few of these as hold
 * `topP` of their mass (the one that crosses the mark stays). Only the cuts that need an order pay for one.
 */
function draw(
  scores: Float32Array,
  best: number,
  { temperature, topK, topP, minP }: Sampling,
  rng: Rng,
  scratch: Scratch,
): number {
  const { ids, weights } = scratch;
  const bestScore = scores[best] as number;
  let count = 0;
  let total = 0;
  for (let id = 0; id < scores.length; id++) {
    // The best token's weight is 1, also when it is infinite, so min-p compares with it directly.
    const weight = id === best ? 1 : Math.exp(((scores[id] as number) - bestScore) / temperature);
    if (!(weight > 0 && weight >= minP)) continue; // also NaN
    weights[id] = weight;
    ids[count++] = id;
    total += weight;
  }
  const limit = topK > 0 ? Math.min(topK, count) : count;
  if (limit === count && topP >= 1) return drawFrom(ids, 0, count, total, weights, best, rng);
  heapify(ids, count, weights);
  // Taken off the heap, the best gather at the end of `ids`, best last. Top-k's own mass is known only when all k are off.
  let taken = 0;
  if (limit < count) for (total = 0; taken < limit; taken++) total += takeBest(ids, count - taken, weights);
  let kept = 0;
  let mass = 0;
  while (kept < limit && (kept === 0 || mass < topP * total)) {
    if (kept === taken) takeBest(ids, count - taken++, weights);
    mass += weights[ids[count - ++kept] as number] as number;
  }
  return drawFrom(ids, count - kept, count, mass, weights, best, rng);
}

/** One of ids[from..to), each with its weight; `mass` is their sum. Rounding may leave a remainder: then `fallback`. */
function drawFrom(
  ids: Int32Array,
  from: number,
  to: number,
  mass: number,
  weights: Float64Array,
  fallback: number,
  rng: Rng,
): number {
  let left = rng() * mass;
  for (let i = from; i < to; i++) {
    left -= weights[ids[i] as number] as number;
    if (left < 0) return ids[i] as number;
  }
  return fallback;
}

/** Makes ids[0..count) a max-heap by weight; of equal weights the lower id is better. */
function heapify(ids: Int32Array, count: number, weights: Float64Array): void {
  for (let at = (count >> 1) - 1; at >= 0; at--) sink(ids, at, count, weights);
}

/** Swaps the heap's best behind its end, at ids[count − 1], and returns its weight. */
function takeBest(ids: Int32Array, count: number, weights: Float64Array): number {
  const best = ids[0] as number;
  ids[0] = ids[count - 1] as number;
  ids[count - 1] = best;
  sink(ids, 0, count - 1, weights);
  return weights[best] as number;
}

function sink(ids: Int32Array, from: number, count: number, weights: Float64Array): void {
  const id = ids[from] as number;
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && better(ids[child + 1] as number, ids[child] as number, weights)) child++;
    if (!better(ids[child] as number, id, weights)) break;
    ids[at] = ids[child] as number;
    at = child;
  }
  ids[at] = id;
}

function better(a: number, b: number, weights: Float64Array): boolean {
  const first = weights[a] as number;
  const second = weights[b] as number;
  return first > second || (first === second && a < b);
}

// [Note: names are written out] A small model begins an uncommon name right and may end it wrong ("Bisc operation" for
// "Biscuit"). Names that were linked are known, so once the answer begins one, its remaining tokens are forced.

/** What of a name is written out: its first proper word ("Tom" of "Tom's mug"), with the next after a title ("Mr. Button"). */
export function writtenName(name: string): string | undefined {
  const [first = '', second] = name.trim().split(/\s+/);
  if (!/^\p{Lu}/u.test(first)) return undefined; // "the hall lamp" begins like any other phrase
  if (first.endsWith('.') && second !== undefined) return `${first} ${second}`;
  return first.replace(/['\u2019]s?$/, '');
}

/**
 * The token that must come next: `ids` (the answer so far) ends in the beginning of a name. In mid-answer a single letter is no
 * beginning ("J" may be July). Undefined when no name is begun, or two names go on differently.
 */
export function nameContinuation(
  ids: readonly number[],
  names: readonly { readonly ids: readonly number[]; readonly distinct: boolean }[],
): number | undefined {
  const next = new Set<number>();
  for (const name of names) {
    for (let length = Math.min(name.ids.length - 1, ids.length); length > 0; length--) {
      const start = ids.length - length;
      if (start > 0 && length < 2 && !name.distinct) continue;
      if (!name.ids.slice(0, length).every((id, at) => ids[start + at] === id)) continue;
      const id = name.ids[length];
      if (id !== undefined) next.add(id);
      break;
    }
  }
  return next.size === 1 ? [...next][0] : undefined;
}
