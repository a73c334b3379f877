// Is an answer right? Pure, and strict on purpose: whole words after normalisation, and no wrong thing named beside it.

import prompt from './prompt.json';

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
