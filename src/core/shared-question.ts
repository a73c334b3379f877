// One question about several concepts: what it asks of each, and their answers as one sentence.

import { ARTICLES, findNames } from './names';
import type { Concept, ConceptId } from './types';
import { isFunctionWord, literal, wordsOf } from './words';

/**
 * What a question about the concepts `about` asks of each: its own part of it ("Where does Bo sleep and what does Mia eat?"), or all of it by its
 * own name. `concepts`: everyone, to know names by.
 */
export function askedOfEach(
  question: string,
  about: readonly Concept[],
  concepts: readonly Concept[],
): ReadonlyMap<ConceptId, string> {
  const parts = about.length > 1 ? splitByNames(question, concepts) : undefined;
  const names = about.map(({ name }) => name);
  return new Map(about.map(({ id, name }) => [id, parts?.get(id) ?? askedOfOne(question, names, name)]));
}

/**
 * Two questions in one, each about one of the concepts: "Where does Bo sleep and what does Mia eat?" → the part of each, by index.
 * Undefined when the question does not fall apart so.
 */
export function splitByNames(
  question: string,
  concepts: readonly Concept[],
): ReadonlyMap<ConceptId, string> | undefined {
  const parts = question.split(/\?\s+|,?\s+(?:and|but|&)\s+/i).filter((part) => /\p{L}/u.test(part));
  if (parts.length < 2) return undefined;
  const found = new Map<ConceptId, string>();
  let endsInName = false;
  for (const part of parts) {
    const [match, other] = findNames(part, concepts);
    if (match === undefined || other !== undefined || found.has(match.conceptId)) return undefined;
    const words = wordsOf(part);
    if (words.length - match.words.length < 2) return undefined; // "… and Mia?"
    const before = words.slice(0, Math.min(...match.words)).map(({ folded }) => folded);
    // "What are Bo and Mia afraid of?" is one question.
    if (endsInName && before.every((word) => ARTICLES.has(word))) return undefined;
    endsInName = Math.max(...match.words) === words.length - 1;
    found.set(match.conceptId, part);
  }
  return found;
}

/**
 * "Where do Bo and Mia sleep?" as it is asked of Bo: "Where does Bo sleep?". A comparison becomes the question whose answers are compared:
 * "Who is older, Bo or Mia?" → "How old is Bo?". Unchanged where the names do not stand together.
 */
export function askedOfOne(question: string, names: readonly string[], name: string): string {
  const measure = names.length > 1 ? COMPARISONS.find(([words]) => words.test(question)) : undefined;
  if (measure !== undefined) return measure[1].replace('it', name);
  const any = names.map((other) => literal(other)).join('|');
  const owned = `(?:${any})(?:['’]s)?`;
  const together = new RegExp(
    `\\b(?:(are|were|do|have) )?(${owned}(?:(?:, | and |, and | or | & )(?:the |my |our )?${owned})+)`,
    'giu',
  );
  return question.replace(together, (_, verb: string | undefined, found: string) => {
    const before = verb === undefined ? '' : `${verb} `;
    return /['’]s$/u.test(found) ? `${before}${name}'s` : `${SINGULAR.get(before.toLowerCase()) ?? before}${name}`;
  });
}

const COMPARISONS: readonly (readonly [RegExp, string])[] = [
  [/\b(older|oldest|elder|eldest|younger|youngest)\b/i, 'How old is it?'],
  [/\b(taller|tallest)\b/i, 'How tall is it?'],
  [/\b(heavier|heaviest|lighter|lightest)\b/i, 'How heavy is it?'],
  [/\b(bigger|biggest|larger|largest|smaller|smallest)\b/i, 'How big is it?'],
  [
    /\b(cheaper|cheapest|dearer|dearest|more expensive|most expensive|costs? more|cost less)\b/i,
    'How much did it cost?',
  ],
  [/\b(earlier|earliest|sooner|soonest|later|latest|comes? first|is first)\b/i, 'When is it?'],
  [/\b(closer|closest|nearer|farther|farthest|further|furthest)\b/i, 'How far is it?'],
];

const SINGULAR = new Map([
  ['are ', 'is '],
  ['were ', 'was '],
  ['do ', 'does '],
  ['have ', 'has '],
]);

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
