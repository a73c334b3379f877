// One question about several concepts: what it asks of each, and their answers as one sentence.

import { comparisonIn } from './measures';
import { ARTICLES, findNames } from './names';
import type { Concept, ConceptId } from './types';
import { contentStems, isFunctionWord, literal, wordsOf } from './words';

/** One thing that is asked of one concept, "it", in one or more wordings: any of them may be what a fact answers. */
export type Ask = readonly [string, ...string[]];

/**
 * What a question about the concepts `about` asks of each: its own part of it ("Where does Bo sleep and what does Mia eat?"), or all of it by its
 * own name; of one concept alone, each of several questions. `concepts`: everyone, to know names by.
 */
export function asksOfEach(
  question: string,
  about: readonly Concept[],
  concepts: readonly Concept[],
): ReadonlyMap<ConceptId, readonly Ask[]> {
  const parts = about.length > 1 ? splitByNames(question, concepts) : undefined;
  const names = spokenIn(question, about);
  return new Map(
    about.map((concept) => {
      const { id, name } = concept;
      const part = parts?.get(id);
      const asks: readonly Ask[] =
        part !== undefined
          ? [[part]]
          : about.length > 1
            ? [wordingsOf(question, names, name)]
            : splitOfOne(withoutLabel(question, names)).map((one): Ask => [one]);
      const own = spokenIn(question, [concept]);
      return [
        id,
        asks.map(([first, ...more]): Ask => [nameless(first, own), ...more.map((one) => nameless(one, own))]),
      ];
    }),
  );
}

/** The same as one question each, to be read by a model. */
export function askedOfEach(
  question: string,
  about: readonly Concept[],
  concepts: readonly Concept[],
): ReadonlyMap<ConceptId, string> {
  const parts = about.length > 1 ? splitByNames(question, concepts) : undefined;
  const names = spokenIn(question, about);
  return new Map(about.map(({ id, name }) => [id, parts?.get(id) ?? askedOfOne(question, names, name)]));
}

/** Whether what is asked is asked of each of several concepts: "Bo and Mia", "older, Bo or Mia", or a part for each. Not "Does Bo like Mia?". */
export function isShared(question: string, about: readonly Concept[], concepts: readonly Concept[]): boolean {
  if (about.length < 2) return false;
  const names = spokenIn(question, about);
  return (
    splitByNames(question, concepts) !== undefined ||
    comparisonIn(question) !== undefined ||
    together(names).test(question)
  );
}

/** What the concepts are called, in the question's own words first ("joe" for "Granda Joe"), longest first. */
function spokenIn(question: string, about: readonly Concept[]): string[] {
  const words = wordsOf(question);
  const said = findNames(question, about).map((match) => match.words.map((at) => words[at]?.raw ?? '').join(' '));
  const names = new Set([
    ...said.map((name) => name.replace(/['’]s?$/u, '')),
    ...about.flatMap(({ name, aliases }) => [name, ...aliases]),
  ]);
  return [...names].filter((name) => name !== '').sort((a, b) => b.length - a.length);
}

/**
 * "Bo: when is his jab due?", "Bo, when …" → "when is his jab due?". Behind a name and a colon recall is less sure of every fact, right or wrong: on the notes of
 * training/notes/dev.txt, AUROC of answerable questions against unanswerable ones 0.93 without it and 0.90 with it.
 */
function withoutLabel(question: string, names: readonly string[]): string {
  if (names.length === 0) return question;
  const rest = question.replace(new RegExp(`^\\s*(?:${names.map(literal).join('|')})\\s*[:,–—]\\s*`, 'iu'), '');
  return wordsOf(rest).length > 0 ? rest : question;
}

// [Note: Nameless questions] Recall is asked of one concept's facts, so its name tells nothing; yet in the notes that recall was trained on it stands
// in 4 % of the questions that a note answers and in 15 % of those that none does, and recall learnt to doubt whoever says it. So "what is Bo's weight" is put
// as "what is its weight", in training too (training/recall/pairs.py).
const BEFORE_NAME = '(?:(?<![\\p{L}\\p{N}])(?:the|his|her|your|(?:my|our)(?:\\s+\\p{L}+)?)\\s+)?';

/** The question with "it" for the names: "how old is my dog Bo" → "how old is it". */
function nameless(question: string, names: readonly string[]): string {
  const own = names.filter((name) => !/s$/iu.test(name) || !names.includes(name.slice(0, -1))); // "bos" is "bo" with what it owns
  if (own.length === 0) return question;
  const name = `(?<![\\p{L}\\p{N}])(?:${own.map((one) => literal(one.replace(/^(?:the|my|our)\s+/iu, ''))).join('|')})`;
  const named = new RegExp(`${BEFORE_NAME}${name}(?:(['’]s?|s)(?=\\s+[\\p{L}\\p{N}])|(?![\\p{L}\\p{N}]))`, 'giu');
  return question.replace(named, (_, owns: string | undefined) => (owns === undefined ? 'it' : 'its'));
}

const QUESTION_WORD = "(?:what|when|where|who|whose|whom|how|which|why)(?:['’]?s|['’]?re)?";
const VERB = 'is|are|was|were|do|does|did|has|have|can|could|will|should';
const NEXT_QUESTION = new RegExp(
  `\\?\\s+(?:and\\s+)?(?=(?:${QUESTION_WORD}|${VERB})\\b)|,?\\s+(?:and|&)\\s+(?=${QUESTION_WORD}\\b)`,
  'iu',
);

/** "What does he take in his tea and when are his tablets?": two questions about one. */
function splitOfOne(question: string): string[] {
  const parts = question.split(NEXT_QUESTION).map((part) => part.trim());
  return parts.length > 1 && parts.every((part) => wordsOf(part).length > 2) ? parts : [question];
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
    const isRest = found.size > 0 && PREPOSITION.test(part); // "… to the cabin and to the beach"
    if (words.length - match.words.length < 2 && !isRest) return undefined; // "… and Mia?"
    const before = words.slice(0, Math.min(...match.words)).map(({ folded }) => folded);
    // "What are Bo and Mia afraid of?" is one question.
    if (endsInName && before.every((word) => ARTICLES.has(word))) return undefined;
    endsInName = Math.max(...match.words) === words.length - 1;
    found.set(match.conceptId, found.size === 0 ? part : withHead(parts[0] as string, part));
  }
  return found;
}

const PREPOSITION = /^(for|of|at|in|to|with|from|on|by)\b/i;

/** "the code for the gate" before "for the shed" → "the code for the shed": a part that begins in the middle takes the head of the first. */
function withHead(first: string, part: string): string {
  const [, preposition] = PREPOSITION.exec(part) ?? [];
  const at = preposition === undefined ? -1 : first.search(new RegExp(`\\b${preposition}\\b`, 'i'));
  return at > 0 ? first.slice(0, at) + part : part;
}

/**
 * "Where do Bo and Mia sleep?" as it is asked of Bo: "Where does Bo sleep?". A comparison becomes the question whose answers are compared:
 * "Who is older, Bo or Mia?" → "How old is Bo?". Unchanged where the names do not stand together.
 */
export function askedOfOne(question: string, names: readonly string[], name: string): string {
  const compared = names.length > 1 ? comparisonIn(question) : undefined;
  if (compared !== undefined) return compared.measure.asks[0].replace('it', () => name);
  return byOneName(question, names, name);
}

/** Every way in which it may be asked of one: a comparison by each of its questions, and by its own words. */
function wordingsOf(question: string, names: readonly string[], name: string): Ask {
  const compared = comparisonIn(question);
  const own = byOneName(question, names, name);
  if (compared === undefined) return [own];
  const [first, ...others] = compared.measure.asks.map((asked) => asked.replace('it', () => name)) as [
    string,
    ...string[],
  ];
  // "Which is older" says no more than its measure; "who moves out sooner" does.
  const rest = names.reduce(
    (text, other) => text.replace(new RegExp(literal(other), 'giu'), ' '),
    question.replace(compared.words, ' '),
  );
  return contentStems(rest).length > 0 ? [own, first, ...others] : [first, ...others];
}

function byOneName(question: string, names: readonly string[], name: string): string {
  return question.replace(together(names), (_, verb: string | undefined, found: string) => {
    const before = verb === undefined ? '' : `${verb} `;
    return /['’]s$/u.test(found) ? `${before}${name}'s` : `${SINGULAR.get(before.toLowerCase()) ?? before}${name}`;
  });
}

/** Names that stand together: "Bo, Mia and the mug", "Bo's and Mia's", with a verb that is plural for it. */
function together(names: readonly string[]): RegExp {
  const any = names.map((other) => literal(other)).join('|');
  const owned = `(?:${any})(?:['’]s)?`;
  return new RegExp(
    `\\b(?:(are|were|do|have) )?(${owned}(?:(?:, | and |, and | or |, or | & )(?:the |my |our )?${owned})+)`,
    'giu',
  );
}

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
