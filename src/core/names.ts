// Names in a question: exact, by alias, possessive, misspelt, part of a longer name, by category ("my dog"), or a stranger's.

import type { Concept, ConceptId } from './types';
import type { TextIndex } from './text-index';
import { fold, isFunctionWord, isTypoOf, stem, wordsOf, type Word } from './words';

export interface NameMatch {
  readonly conceptId: ConceptId;
  readonly score: number; // 1 exact, 0.95 plural, 0.9 misspelt, 0.8 part of a name, 0.75 one word of it that nobody else has, 0.7 category
  readonly words: readonly number[]; // indices into wordsOf(question)
}

export const ARTICLES = new Set(['a', 'an', 'the', 'my', 'our', 'your']);

/** Concepts named in the question, best first. A word counts for the longest name that uses it. */
export function findNames(question: string, concepts: readonly Concept[]): NameMatch[] {
  const words = wordsOf(question);
  const found: NameMatch[] = [];
  for (const concept of concepts) {
    const best = [concept.name, ...concept.aliases]
      .map((name) => matchName(words, name))
      .filter((match) => match !== undefined)
      .sort((a, b) => b.score - a.score || b.words.length - a.words.length)[0];
    if (best !== undefined) found.push({ conceptId: concept.id, ...best });
  }
  found.push(...ownWords(words, concepts, found));
  found.sort((a, b) => b.score - a.score || b.words.length - a.words.length || a.conceptId.localeCompare(b.conceptId));
  // "Bo Diddley" takes "bo" away from the concept "Bo"; an exact name takes a word from a misspelt one.
  const used = new Map<number, number>();
  const kept = found.filter(({ words: at, score }) => {
    if (at.some((word) => (used.get(word) ?? 0) > score || isInsideLonger(word, at, found))) return false;
    for (const word of at) used.set(word, Math.max(score, used.get(word) ?? 0));
    return true;
  });
  return kept;
}

function isInsideLonger(word: number, own: readonly number[], all: readonly NameMatch[]): boolean {
  return all.some(({ words, score }) => score === 1 && words.length > own.length && words.includes(word));
}

function matchName(words: readonly Word[], name: string): { score: number; words: number[] } | undefined {
  const parts = wordsOf(name)
    .map((word) => word.folded)
    .filter((part, index) => index > 0 || !ARTICLES.has(part));
  if (parts.length === 0) return undefined;
  for (let start = 0; start + parts.length <= words.length; start++) {
    const at = parts.map((_, offset) => start + offset);
    const written = at.map((index) => words[index]?.folded ?? '');
    if (!parts.every((part, offset) => sameWord(written[offset] ?? '', part))) continue;
    return { score: written.every((word, offset) => word === parts[offset]) ? 1 : 0.95, words: at };
  }
  for (let start = 0; start + parts.length <= words.length; start++) {
    const at = parts.map((_, offset) => start + offset);
    const typo = parts.every((part, offset) => {
      const word = words[start + offset]?.folded ?? '';
      return sameWord(word, part) || (!isFunctionWord(word) && isTypoOf(word, part));
    });
    if (typo) return { score: 0.9, words: at };
  }
  return parts.length > 1 ? matchPart(words, parts) : undefined;
}

// What stands before a name and is shared by many, or is nobody's own name.
const TITLES = new Set(
  'mr mrs ms miss dr doctor prof sir madam aunt auntie uncle cousin grandma grandpa granny grandad nan mum mom dad saint st'.split(
    ' ',
  ),
);

/**
 * "Ottilie" for "Aunt Ottilie", "Kyoto" for "the Kyoto trip": one capitalised word of a longer name, of four letters or more, that is in no other
 * name. Not an owner: "Dad's red mug" is not Dad.
 */
function ownWords(words: readonly Word[], concepts: readonly Concept[], found: readonly NameMatch[]): NameMatch[] {
  const known = new Set(found.map(({ conceptId }) => conceptId));
  const owners = new Map<string, ConceptId[]>();
  for (const { id, name, aliases } of concepts) {
    const all = [name, ...aliases].map(wordsOf);
    const single = all.some((parts) => parts.length === 1); // has a short form of its own
    for (const word of all.flat()) owners.set(word.folded, [...(owners.get(word.folded) ?? []), id]);
    if (single) known.add(id);
  }
  return concepts.flatMap(({ id, name }): NameMatch[] => {
    if (known.has(id)) return [];
    for (const { raw, folded } of wordsOf(name)) {
      const proper = /^\p{Lu}/u.test(raw) && folded.length >= 4 && !/['’]s?$/.test(raw) && !TITLES.has(folded);
      if (!proper || new Set(owners.get(folded)).size > 1) continue;
      const at = words.findIndex((word) => sameWord(word.folded.replace(/'s?$/, ''), folded));
      if (at >= 0) return [{ conceptId: id, score: 0.75, words: [at] }];
    }
    return [];
  });
}

/** "the red mug" for "Dad's red mug": the head word and one more, or two thirds of the name, in any order. */
function matchPart(words: readonly Word[], parts: readonly string[]): { score: number; words: number[] } | undefined {
  const head = parts.at(-1) ?? '';
  const at: number[] = [];
  for (const part of parts) {
    const index = words.findIndex((word, i) => !at.includes(i) && sameWord(word.folded, part));
    if (index >= 0) at.push(index);
  }
  const hasHead = at.some((index) => sameWord(words[index]?.folded ?? '', head));
  const weighty = at.filter((index) => !isFunctionWord(words[index]?.folded ?? ''));
  if (weighty.length >= 2 && (hasHead || weighty.length * 3 >= parts.length * 2)) return { score: 0.8, words: at };
  return undefined;
}

function sameWord(word: string, part: string): boolean {
  return word === part || word === `${part}s` || word === `${part}'`;
}

const MOST_OF_A_KIND = 4; // "my dogs" are as many at most

/**
 * Concepts meant by what they are: "my dog" when exactly one concept is a dog, or the one whose name ends in that word ("the
 * mug" for "Dad's red mug"), and all of them by the plural ("which of my dogs"). `pointing` words ("this dog") do not count when a photo is there: it says which.
 */
export function findCategories(question: string, concepts: readonly Concept[], hasPhoto: boolean): NameMatch[] {
  const words = wordsOf(question);
  const matches = new Map<number, ConceptId[]>();
  words.forEach((word, at) => {
    if (isFunctionWord(word.folded)) return;
    const before = words.slice(Math.max(0, at - 3), at).map((other) => other.folded);
    const owned = before.some((other) => ['my', 'our', 'the', 'your', 'that', 'this'].includes(other));
    const pointing = before.some((other) => ['this', 'that', 'these', 'those'].includes(other));
    if (!owned || (pointing && hasPhoto)) return;
    const wanted = stem(word.folded);
    const those = concepts.filter((concept) => kindsOf(concept).includes(wanted)).map((concept) => concept.id);
    if (those.length > 0) matches.set(at, those);
  });
  return [...matches].flatMap(([at, ids]) => {
    const isPlural = /(?<![sui])s$/.test(words[at]?.folded ?? '');
    const meant = ids.length === 1 || (isPlural && ids.length <= MOST_OF_A_KIND) ? ids : [];
    return meant.map((conceptId) => ({ conceptId, score: 0.7, words: [at] }));
  });
}

/** Head words of a concept's category and of a name that is a description, stemmed. */
function kindsOf(concept: Concept): string[] {
  const category = wordsOf(concept.card?.category ?? '').map((word) => stem(word.folded));
  const last = wordsOf(concept.name).at(-1);
  const described = last !== undefined && last.raw === last.raw.toLowerCase() ? [stem(last.folded)] : [];
  return [...category.filter((kind) => kind !== 'thing'), ...described];
}

/**
 * Words that look like a name nobody has: capitalised inside a sentence, not a known name, not in any fact or card. Such a
 * question is about a stranger, whatever else it shares with memory.
 */
export function unknownNames(question: string, known: readonly NameMatch[], index: TextIndex): string[] {
  const taken = new Set(known.flatMap((match) => match.words));
  return wordsOf(question)
    .filter((word, at) => {
      const capital = /^\p{Lu}/u.test(word.raw) && !word.startsSentence && word.raw !== 'I';
      return capital && !taken.has(at) && !isFunctionWord(word.folded) && !index.knows(fold(word.raw));
    })
    .map((word) => word.raw);
}

/** Whom a question names, surest first, a few at most. */
export function whomNamed(question: string, concepts: readonly Concept[]): ConceptId[] {
  return findNames(question, concepts)
    .map(({ conceptId }) => conceptId)
    .slice(0, MOST_NAMED);
}

const MOST_NAMED = 4;

/** A concept's name as an answer says it: "my bike" is "your bike", "hall lamp" is "the hall lamp". */
export function spokenName(name: string): string {
  const own = name.replace(/^(my|our)\b/i, 'your');
  const needsArticle = /^\p{Ll}/u.test(own) && !/^(your|the|a|an)\b/.test(own) && !/^\S+['’]s\b/.test(own);
  return needsArticle ? `the ${own}` : own;
}
