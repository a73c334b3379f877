// Look: what a photo shows, asked of the model's eyes in numbers and said in words.
//
// [Note: Look] A small network answers questions of three numbers, (task, kind, part), from what the patch encoder makes of a photo (training/look). The small
// language model puts what it sees into words badly, so a question that is only about looks is put to the network; what it does not understand, or
// is not sure of, the language model answers.

import { isAt, isRelated, phrase, placeOf, type Place, type Relation } from './whereabouts';
import type { Box } from './types';

/** The words of the network's numbers (look.json): number 1 is the first of a list, 0 is "not said". */
export interface LookWords {
  readonly colours: readonly string[];
  readonly categories: readonly string[];
  readonly parts: readonly string[];
  readonly called: Readonly<Record<string, readonly string[]>>; // category → other words for it
  readonly partCalled: Readonly<Record<string, readonly string[]>>;
  readonly partCalledOf: readonly {
    readonly category: string;
    readonly part: string;
    readonly called: readonly string[];
  }[];
  readonly partsOf: Readonly<Record<string, readonly string[]>>;
}

export const TASKS = { kind: 0, colour: 1, where: 2 } as const;

/** One question to the network. */
export interface LookQuery {
  readonly task: (typeof TASKS)[keyof typeof TASKS];
  readonly category: number;
  readonly part: number;
}

/** Its answer; which of the fields means something is the task's matter. */
export interface LookFinding {
  readonly colours: readonly number[]; // probabilities
  readonly kinds: readonly number[];
  readonly present: number; // probability
  readonly box: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number }; // fractions of the picture
}

export type { Place, Relation } from './whereabouts';

/** A thing as the question calls it. */
export interface Called {
  readonly category: string;
  readonly said: string;
}

export type LookQuestion =
  | { readonly kind: 'kind' }
  | { readonly kind: 'describe' }
  | { readonly kind: 'is'; readonly thing: Called }
  | {
      readonly kind: 'colour';
      readonly thing?: Called;
      readonly part?: { readonly part: string; readonly said: string };
      readonly offered?: readonly string[]; // "is it red", "red or blue"
    }
  | { readonly kind: 'at'; readonly place: Place; readonly colour: boolean } // what stands there, or which colour it has
  | { readonly kind: 'there'; readonly thing: Called; readonly place?: Place; readonly colour?: string }
  | { readonly kind: 'beside'; readonly thing: Called; readonly other: Called; readonly relation: Relation }
  | { readonly kind: 'where'; readonly thing: Called };

const SURE_KIND = 0.4; // below, the kind is a guess
const SURE_COLOUR = 0.3;
const SURE_PART = 0.6; // of a part nobody asked about

// [Note: Closer looks] The same picture without its edges lies otherwise under the encoder's cells, and the mean of three looks is right more often
// than one. On renders and photos that training kept out (`python -m training.look.train --evaluate`), one look: kind 0.969 and 0.894, colour of a
// large part 0.941, of one under four patches of 16 pixels 0.894, under one 0.717; the mean of three: 0.971, 0.900, 0.948, 0.927, 0.793.
const CLOSER = [0.07, 0.14]; // of each edge

/** What to look at for the queries: the whole picture, and closer where a kind or a colour is asked for. */
export function looksFor(queries: readonly LookQuery[]): Box[] {
  const closer = queries.some(({ task }) => task !== TASKS.where) ? CLOSER : [];
  return [0, ...closer].map((edge) => ({ x: edge, y: edge, w: 1 - 2 * edge, h: 1 - 2 * edge }));
}

/** The findings of several looks as one: means of kinds and colours, and the first look's places. */
export function seenTogether(looks: readonly (readonly LookFinding[])[]): LookFinding[] {
  const [first = []] = looks;
  return first.map((finding, i) => {
    const mean = (of: (one: LookFinding) => readonly number[]): number[] =>
      of(finding).map(
        (_, at) => looks.reduce((sum, look) => sum + (of(look[i] ?? finding)[at] ?? 0), 0) / looks.length,
      );
    return { ...finding, colours: mean(({ colours }) => colours), kinds: mean(({ kinds }) => kinds) };
  });
}

/** What to ask the network, in the order in which `sayLook` takes the findings. */
export function queriesOf(question: LookQuestion, words: LookWords): LookQuery[] {
  const number = (list: readonly string[], word: string | undefined): number =>
    word === undefined ? 0 : list.indexOf(word) + 1;
  const of = (thing: Called | undefined): number => number(words.categories, thing?.category);
  switch (question.kind) {
    case 'kind':
    case 'is':
      return [{ task: TASKS.kind, category: 0, part: 0 }];
    case 'describe':
      return [
        { task: TASKS.kind, category: 0, part: 0 },
        { task: TASKS.colour, category: 0, part: 0 },
      ];
    case 'at':
      return words.categories.flatMap((_, i) => [
        { task: TASKS.where, category: i + 1, part: 0 },
        { task: TASKS.colour, category: i + 1, part: 0 },
      ]);
    case 'colour':
      return [{ task: TASKS.colour, category: of(question.thing), part: number(words.parts, question.part?.part) }];
    case 'there':
      return [
        { task: TASKS.where, category: of(question.thing), part: 0 },
        { task: TASKS.colour, category: of(question.thing), part: 0 },
      ];
    case 'where':
      return [{ task: TASKS.where, category: of(question.thing), part: 0 }];
    case 'beside':
      return [question.thing, question.other].map((thing) => ({ task: TASKS.where, category: of(thing), part: 0 }));
    default:
      return question satisfies never;
  }
}

/** The answer as a sentence; undefined where the network is not sure. */
export function sayLook(
  question: LookQuestion,
  findings: readonly LookFinding[],
  words: LookWords,
): string | undefined {
  const [first, second] = findings;
  if (first === undefined) return undefined;
  switch (question.kind) {
    case 'kind': {
      const [kind, probability] = best(first.kinds, words.categories);
      return probability < SURE_KIND ? undefined : `This is ${withArticle(kind)}.`;
    }
    case 'describe':
      return describeLook(findings, [], [], words);
    case 'at':
      return sayAt(question, findings, words);
    case 'is': {
      const [kind, probability] = best(first.kinds, words.categories);
      const { category, said } = question.thing;
      const own = first.kinds[words.categories.indexOf(category)] ?? 0;
      if (kind === category || own > 0.5) return `Yes, this is ${withArticle(said)}.`;
      return probability < SURE_KIND ? undefined : `No, this is ${withArticle(kind)}.`;
    }
    case 'colour': {
      const [colour, probability] = best(first.colours, words.colours);
      if (probability < SURE_COLOUR) return undefined;
      const of = question.part?.said ?? question.thing?.said;
      const subject = of === undefined ? 'it' : `the ${of}`;
      const said = `${subject} ${of !== undefined && isPlural(of) ? 'are' : 'is'} ${colour}.`;
      const { offered = [] } = question;
      return offered.length === 1 ? `${offered.includes(colour) ? 'Yes' : 'No'}, ${said}` : capital(said);
    }
    case 'there':
      return sayThere(question, first, second, words);
    case 'where': {
      const { said } = question.thing;
      const place = placeOf(boxOf(first));
      if (first.present < 0.5) return `There is no ${said} in the photo.`;
      return `The ${said} ${isPlural(said) ? 'are' : 'is'} ${phrase(place)}.`;
    }
    case 'beside': {
      if (second === undefined) return undefined;
      const { thing, other, relation } = question;
      const missing = first.present < 0.5 ? thing : second.present < 0.5 ? other : undefined;
      if (missing !== undefined) return `No, I see no ${missing.said}.`;
      const yes = isRelated(boxOf(first), boxOf(second), relation);
      return `${yes ? 'Yes' : 'No'}, the ${thing.said} is ${yes ? '' : 'not '}${relation} the ${other.said}.`;
    }
    default:
      return question satisfies never;
  }
}

function sayThere(
  { thing, place, colour }: LookQuestion & { kind: 'there' },
  where: LookFinding,
  looks: LookFinding | undefined,
  words: LookWords,
): string {
  const { said } = thing;
  const verb = isPlural(said) ? 'are' : 'is';
  if (where.present < 0.5) return `No, I see no ${said}.`;
  if (colour !== undefined && looks !== undefined) {
    const [seen] = best(looks.colours, words.colours);
    if (seen !== colour) return `No, the ${said} ${verb} ${seen}.`;
  }
  if (place === undefined) return `Yes, there ${verb} ${withArticle(said)}.`;
  const yes = isAt(boxOf(where), place);
  const seen = yes ? place : placeOf(boxOf(where));
  return `${yes ? 'Yes' : 'No'}, the ${said} ${verb} ${phrase(seen)}.`;
}

/** What stands at a place: of the kinds that are seen there, the most certain. */
function sayAt(
  { place, colour }: LookQuestion & { kind: 'at' },
  findings: readonly LookFinding[],
  words: LookWords,
): string | undefined {
  const there = words.categories
    .map((category, i) => ({ category, where: findings[2 * i], looks: findings[2 * i + 1] }))
    .filter(({ where }) => where !== undefined && where.present >= 0.5 && isAt(boxOf(where), place))
    .sort((a, b) => (b.where?.present ?? 0) - (a.where?.present ?? 0));
  const [found] = there;
  if (found === undefined) return undefined;
  const { category } = found;
  const [shade] = best(found.looks?.colours ?? [], words.colours);
  const verb = isPlural(category) ? 'are' : 'is';
  if (colour) return `The ${category} ${phrase(place)} ${verb} ${shade}.`;
  return `There ${verb} ${withArticle(`${shade} ${category}`)} ${phrase(place)}.`;
}

/**
 * "A red mug with a white handle.": `findings` of `queriesOf({ kind: 'describe' })`, then of the parts that `partQueries` lists for its
 * kind. Parts of another colour than the whole, the two most certain. Undefined where the kind is a guess.
 */
export function describeLook(
  findings: readonly LookFinding[],
  parts: readonly string[],
  seen: readonly LookFinding[],
  words: LookWords,
): string | undefined {
  const [what, whole] = findings;
  if (what === undefined || whole === undefined) return undefined;
  const [kind, probability] = best(what.kinds, words.categories);
  if (probability < SURE_KIND) return undefined;
  const [main] = best(whole.colours, words.colours);
  const odd = parts
    .flatMap((part, i) => {
      const [colour, sure] = best(seen[i]?.colours ?? [], words.colours);
      return colour === main || sure < SURE_PART ? [] : [{ said: withArticle(`${colour} ${part}`), sure }];
    })
    .sort((a, b) => b.sure - a.sure)
    .slice(0, 2)
    .map(({ said }) => said);
  const shaded = kind === main ? kind : `${main} ${kind}`;
  return capital(`${withArticle(shaded)}${odd.length === 0 ? '' : ` with ${odd.join(' and ')}`}.`);
}

/** The colours of a kind's parts, to be asked for a description. */
export function partQueries(category: string, words: LookWords): { part: string; query: LookQuery }[] {
  const number = words.categories.indexOf(category) + 1;
  if (number === 0) return [];
  return (words.partsOf[category] ?? []).map((part) => ({
    part,
    query: { task: TASKS.colour, category: number, part: words.parts.indexOf(part) + 1 },
  }));
}

/** The most probable of `names`. */
export function best(probabilities: readonly number[], names: readonly string[]): [name: string, probability: number] {
  let at = 0;
  probabilities.forEach((p, i) => {
    if (p > (probabilities[at] ?? 0)) at = i;
  });
  return [names[at] ?? '', probabilities[at] ?? 0];
}

/** A finding's box as the app writes boxes. */
export function boxOf({ box }: LookFinding): Box {
  return { x: box.x0, y: box.y0, w: Math.max(0, box.x1 - box.x0), h: Math.max(0, box.y1 - box.y0) };
}

// ---------------------------------------------------------------- grammar

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isPlural(noun: string): boolean {
  const head = noun.split(' of ')[0]?.split(' ').at(-1) ?? noun;
  return (/[^s]s$/.test(head) && !/^(lens|asparagus|chassis)$/.test(head)) || head === 'feet';
}

export function withArticle(noun: string): string {
  if (isPlural(noun) || /^(asparagus|garlic|ginger|milk|juice)$/.test(noun)) return noun;
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
