// Is an answer right? Pure, and strict on purpose: whole words after normalisation, and no wrong thing named beside it.

import prompt from '../src/core/prompt.json';

export interface Expected {
  /** `null`: "I don't know" is right. A list: every entry must be named. `a|b` in an entry: either will do. */
  readonly answer: string | readonly string[] | null;
  /** Naming any of these (that is not part of the answer) makes the answer wrong. */
  readonly distractors: readonly string[];
  /**
   * Names that may be said and mean nothing by themselves: in "Dad's red mug is white", "red" is not a claim. They only
   * cover distractors inside them.
   */
  readonly names: readonly string[];
}

/** True when the answer names all that is expected and nothing that is wrong. */
export function isRight(got: string, expected: Expected): boolean {
  if (expected.answer === null) return saysDontKnow(got);
  if (saysDontKnow(got)) return false; // "I don't know. Closest I have: Bo" names Bo without claiming him
  const entries = (typeof expected.answer === 'string' ? [expected.answer] : expected.answer).map(alternatives);
  const accepted = new Set(entries.flat().map(phraseKey));
  const words = normalise(got);
  const spans = outermost([
    ...entries.flatMap((entry, i) => entry.flatMap((phrase) => find(words, phrase, i))),
    ...expected.distractors.flatMap((text) => (accepted.has(phraseKey(text)) ? [] : find(words, text, 'wrong'))),
    ...expected.names.flatMap((text) => find(words, text, 'name')),
  ]);
  const found = new Set(spans.map(({ meaning }) => meaning));
  return !found.has('wrong') && entries.every((_, i) => found.has(i));
}

/** "I don't know.", alone or followed by the nearest thing that is known. */
export function saysDontKnow(got: string): boolean {
  const words = normalise(got).join(' ');
  const phrase = normalise(prompt.dontKnow).join(' ');
  if (words === phrase) return true;
  return words.startsWith(`${phrase} closest i have`);
}

/**
 * Case, accents, punctuation, possessive 's and articles say nothing about what is named: "the Café's", "cafe". Returns
 * words.
 */
export function normalise(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’`´]s\b/g, '')
    .replace(/['’`´]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !ARTICLES.has(word));
}

const ARTICLES = new Set(['a', 'an', 'the']);

/** "two|2" → ["two", "2"] */
export function alternatives(entry: string): string[] {
  return entry.split('|').filter((phrase) => normalise(phrase).length > 0);
}

/** Number of the entry it names, or that it names something wrong, or a bare name. */
type Meaning = number | 'wrong' | 'name';

interface Span {
  readonly from: number;
  readonly to: number; // behind the last word
  readonly meaning: Meaning;
}

function find(words: readonly string[], text: string, meaning: Meaning): Span[] {
  const phrase = normalise(text);
  const spans: Span[] = [];
  if (phrase.length === 0) return spans;
  for (let from = 0; from + phrase.length <= words.length; from++) {
    if (phrase.every((word, i) => words[from + i] === word)) spans.push({ from, to: from + phrase.length, meaning });
  }
  return spans;
}

/** Drops what lies inside something longer: in "dark blue", neither "blue" nor "dark" was said. */
function outermost(spans: readonly Span[]): Span[] {
  return spans.filter(
    (span) =>
      !spans.some(
        (other) => other.from <= span.from && other.to >= span.to && other.to - other.from > span.to - span.from,
      ),
  );
}

function phraseKey(text: string): string {
  return normalise(text).join(' ');
}

// ---------------------------------------------------------------- the trivial baseline

/**
 * What always picking the first option gives. Options are shuffled with a seed first; a question that wants k things gets
 * the first k. A question without options draws from the distinct answers of its kind in the suite, up to four, so a kind
 * in which "I don't know" is always right has a trivial baseline of 1: never remembering anything would do as well.
 */
export function firstOption(
  question: {
    readonly id: string;
    readonly answer: Expected['answer'];
    readonly options?: readonly string[] | undefined;
  },
  answersOfKind: readonly Expected['answer'][],
  seed: number,
): string {
  const options = question.options ?? poolOf(answersOfKind);
  const wanted = question.options && Array.isArray(question.answer) ? question.answer.length : 1;
  const shuffled = shuffle(options, seed ^ hash(question.id));
  const shown = question.options ? shuffled : shuffled.slice(0, POOL_SIZE);
  return shown.slice(0, wanted).join(' and ');
}

/** As many options as written questions have. */
const POOL_SIZE = 4;

function poolOf(answers: readonly Expected['answer'][]): string[] {
  const texts = answers.map((answer) => {
    if (answer === null) return prompt.dontKnow;
    return (typeof answer === 'string' ? [answer] : answer).map((entry) => alternatives(entry)[0] ?? '').join(' and ');
  });
  return [...new Set(texts)];
}

/** Fisher–Yates on a seeded stream. */
export function shuffle<T>(items: readonly T[], seed: number): T[] {
  const shuffled = [...items];
  const random = mulberry32(seed);
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  return shuffled;
}

/** mulberry32 by Tommy Ettinger: 32 bits of state are plenty for shuffling four options. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const char of text) h = Math.imul(h ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return h >>> 0;
}
