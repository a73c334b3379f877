// Stage 7, decode: which token follows. Greedy by default; temperature, top-k, top-p, min-p and repetition penalty.

import { isFunctionWord } from '../words';

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

/** Uniform numbers in [0, 1). */
export type Rng = () => number;

/** Buffers reused between tokens so that decoding allocates nothing that grows. */
export interface Scratch {
  readonly scores: Float32Array; // (vocab)
  readonly ids: Int32Array; // (MAX_CANDIDATES) best first
  readonly weights: Float64Array; // (MAX_CANDIDATES) probabilities, not normalised
}

// Sampling looks at no more than this many of the best tokens: beyond it the mass is noise (llama.cpp keeps 40).
const MAX_CANDIDATES = 256;

export function createScratch(vocab: number): Scratch {
  return {
    scores: new Float32Array(vocab),
    ids: new Int32Array(MAX_CANDIDATES),
    weights: new Float64Array(MAX_CANDIDATES),
  };
}

/** mulberry32: 32 bits of state, the same stream for the same seed on every machine. */
export function createRng(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The next token. logits: (vocab), left as they are. `history`: tokens the repetition penalty looks at. Ties go to the
 * lower id, so that greedy decoding is the same on every backend. NaN logits are never picked.
 */
export function pickToken(
  logits: Float32Array,
  history: ArrayLike<number>,
  sampling: Sampling,
  rng: Rng,
  scratch: Scratch = createScratch(logits.length),
): number {
  const scores = penalise(logits, history, sampling.repetitionPenalty, scratch);
  if (sampling.temperature <= 0) return argmax(scores);
  const limit = Math.min(sampling.topK > 0 ? sampling.topK : MAX_CANDIDATES, MAX_CANDIDATES, scores.length);
  const count = selectBest(scores, limit, scratch.ids);
  return drawFrom(scores, count, sampling, rng, scratch);
}

/** A sampler for one answer: owns its random stream and buffers. */
export function createSampler(sampling: Sampling): (logits: Float32Array, history: ArrayLike<number>) => number {
  const rng = createRng(sampling.seed);
  let scratch: Scratch | undefined;
  return (logits, history) => {
    if (scratch?.scores.length !== logits.length) scratch = createScratch(logits.length);
    return pickToken(logits, history, sampling, rng, scratch);
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

function penalise(logits: Float32Array, history: ArrayLike<number>, penalty: number, scratch: Scratch): Float32Array {
  if (penalty === 1 || history.length === 0) return logits;
  const { scores } = scratch;
  scores.set(logits);
  for (let i = 0; i < history.length; i++) {
    const id = history[i] as number;
    const score = logits[id]; // from the logits: a token seen twice is penalised once
    if (score !== undefined) scores[id] = score > 0 ? score / penalty : score * penalty;
  }
  return scores;
}

/** Writes the ids of the `limit` best scores into `ids`, best first (insertion: limit is small). Returns how many. */
function selectBest(scores: Float32Array, limit: number, ids: Int32Array): number {
  let count = 0;
  for (let id = 0; id < scores.length; id++) {
    const score = scores[id] as number;
    if (!(score > -Infinity)) continue;
    if (count === limit && score <= (scores[ids[count - 1] as number] as number)) continue;
    let at = count < limit ? count++ : count - 1;
    while (at > 0 && (scores[ids[at - 1] as number] as number) < score) {
      ids[at] = ids[at - 1] as number;
      at--;
    }
    ids[at] = id;
  }
  return count;
}

function drawFrom(scores: Float32Array, count: number, sampling: Sampling, rng: Rng, scratch: Scratch): number {
  const { ids, weights } = scratch;
  if (count === 0) return 0;
  const best = scores[ids[0] as number] as number;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const weight = Math.exp(((scores[ids[i] as number] as number) - best) / sampling.temperature);
    weights[i] = weight;
    total += weight;
  }
  // The first weight is 1, so minP compares with it directly; top-p keeps the token that crosses the mark.
  let kept = 0;
  let mass = 0;
  while (kept < count && (kept === 0 || ((weights[kept] as number) >= sampling.minP && mass < sampling.topP * total))) {
    mass += weights[kept] as number;
    kept++;
  }
  let left = rng() * mass;
  for (let i = 0; i < kept; i++) {
    left -= weights[i] as number;
    if (left < 0) return ids[i] as number;
  }
  return ids[kept - 1] as number;
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

// ---------------------------------------------------------------- several concepts in one question

/** "Where do Bo and Mia sleep?" as it is asked of Bo: "Where do Bo sleep?". Unchanged where the names do not stand together. */
export function askedOfOne(question: string, names: readonly string[], name: string): string {
  const any = names.map((other) => other.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const owned = `(?:${any})(?:['’]s)?`;
  const together = new RegExp(`\\b${owned}(?:(?:, | and |, and | or | & )(?:the |my |our )?${owned})+`, 'giu');
  return question.replace(together, (found) => (/['’]s$/u.test(found) ? `${name}'s` : name));
}

/** Sentences as one: "Bo sleeps here." and "Mia sleeps there." → "Bo sleeps here and Mia sleeps there." */
export function joinAnswers(sentences: readonly string[]): string {
  const [first = '', ...rest] = sentences;
  return rest.reduce((said, next) => {
    const word = /^[\p{L}']+/u.exec(next)?.[0] ?? '';
    const lower =
      word !== 'I' && isFunctionWord(word.toLowerCase()) ? next.charAt(0).toLowerCase() + next.slice(1) : next;
    return `${said.replace(/[.!]+$/, '')} and ${lower}`;
  }, first);
}
