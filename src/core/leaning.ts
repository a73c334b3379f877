// Questions that lean on the turn before: "she", "and Tom?", "and the one for the shed?"

import { findNames } from './names';
import type { TextIndex } from './text-index';
import type { Concept, ConceptId } from './types';
import { fold, literal, wordsOf } from './words';

const SAME_AGAIN = /^\s*(?:and |what about |how about |but )+(?:the )?ones? (?:for|of|at|in|on|from|to)\b/i;
const BEGINS_LEANING = /^\s*(and|also|what about|how about|or|but|so)\b/;
const PRONOUNS = new Set('she her hers he him his it its they them their theirs'.split(' '));

export function hasPronoun(question: string): boolean {
  return wordsOf(question).some((word) => PRONOUNS.has(word.folded.replace(/'.*$/, '')));
}

export function leansOnPerson(question: string): boolean {
  const words = wordsOf(question).map((word) => word.folded);
  return words.some((word) => /^(she|he|him|they|them)$/.test(word)) && !words.some((word) => /^who/.test(word));
}

/** "And how old?", "What about food?": a beginning that leans on the last turn, or words that only its facts know. */
export function isElliptical(
  question: string,
  stems: readonly string[],
  index: TextIndex,
  previous: readonly ConceptId[],
): boolean {
  if (previous.length === 0) return false;
  if (beginsLeaning(question) && stems.length <= 2) return true;
  if (stems.length === 0) return wordsOf(question).length <= 4;
  const matched = new Set(index.search(stems, new Set(previous)).flatMap((match) => match.stems));
  return stems.every((word) => matched.has(word));
}

/** "And how old?", "what about food?" */
export function beginsLeaning(question: string): boolean {
  return BEGINS_LEANING.test(fold(question));
}

/** "And the one for Tom's bike?": what was asked before, of another. */
export function sameAgain(question: string): boolean {
  return SAME_AGAIN.test(question);
}

/** "Where does Bo sleep?" before "and Mia?": the same question with the other name. */
export function askedAbout(asked: string, whom: Concept | undefined, concepts: readonly Concept[]): string {
  const before = findNames(asked, concepts).map(({ conceptId }) => conceptId);
  const names = concepts
    .filter(({ id }) => before.includes(id))
    .flatMap(({ name, aliases }) => [name, ...aliases])
    .sort((a, b) => b.length - a.length);
  return names.reduce((text, name) => {
    const spoken = new RegExp(`(?<![\\p{L}\\p{N}])${literal(name)}(?![\\p{L}\\p{N}])`, 'giu');
    return whom === undefined ? text : text.replace(spoken, whom.name);
  }, asked);
}
