// What a question asks of a photo's looks: [Note: Look] in look.ts.

import type { Called, LookQuestion, LookWords, Place, Relation } from './look';
import { LEAD_IN } from './question-kind';
import { fold, isOneSlip } from './words';

/**
 * What a question asks of a photo's looks; undefined when it asks anything else, or of things and parts the network has no number for.
 * `named`: a concept the question names, as `said` in it, with its kind where the network knows one.
 */
export function lookQuestion(
  question: string,
  words: LookWords,
  named?: { readonly said: string; readonly category: string | undefined },
): LookQuestion | undefined {
  const text = plain(question, words);
  const things = findThings(text, words);
  if (named?.category !== undefined && things.length === 0) {
    things.push({ category: named.category, said: named.said, at: -1 });
  }
  // "Is the seat orange?" speaks of no fruit.
  const fruit =
    things.length === 1 && words.colours.includes(things[0]?.said ?? '') && !/ (an|the|this) orange /.test(text);
  const [thing, other] = fruit ? [] : things;
  const yesNo = /^ (is|are|do|does|can|could) /.test(text);
  const place = placeIn(text);
  const relation = relationIn(text);
  if (thing !== undefined && other !== undefined && relation !== undefined && yesNo) {
    return { kind: 'beside', thing: calledOf(thing), other: calledOf(other), relation };
  }
  const colours = words.colours.filter((name) => text.includes(` ${name} `) && thing?.said !== name);
  if (/ colou?rs? /.test(text)) {
    const part = findPart(text, thing, words);
    const ofPlace = place !== undefined && (part === undefined || / thing /.test(text));
    if (ofPlace) return thing === undefined ? { kind: 'at', place, colour: true } : undefined;
    if (part === undefined && UNKNOWN_PART.test(text)) return undefined;
    if (part === undefined && thing === undefined && !/ (it|this|that|these|those|see) /.test(text)) return undefined;
    return { kind: 'colour', ...(thing && { thing: calledOf(thing) }), ...(part && { part }) };
  }
  if (/^ do you see what this is $/.test(text)) return { kind: 'kind' };
  if (yesNo) return yesNoQuestion(text, thing, colours, words);
  // "Where is Bo from?" is no question about the picture.
  const where = /^ (where (is|are|do you see|can i see|in the)|on which side|which side) /.test(text);
  if (thing !== undefined && where && !/ from $/.test(text)) {
    return { kind: 'where', thing: calledOf(thing) };
  }
  if (DESCRIBE.test(text)) return { kind: 'describe' };
  if (things.length > 0) return undefined;
  if (place !== undefined) return /^ (what|which) /.test(text) ? { kind: 'at', place, colour: false } : undefined;
  return KIND.test(text) ? { kind: 'kind' } : undefined;
}

function yesNoQuestion(
  text: string,
  thing: Found | undefined,
  colours: readonly string[],
  words: LookWords,
): LookQuestion | undefined {
  const place = placeIn(text);
  const there = /^ (is|are) there |^ (do|can|could) you see |^ does (the|this) (photo|picture|image) show /.test(text);
  if (thing !== undefined && (place !== undefined || there)) {
    const [colour] = colours;
    return { kind: 'there', thing: calledOf(thing), ...(place && { place }), ...(colour !== undefined && { colour }) };
  }
  if (!/^ (is|are) /.test(text) || place !== undefined) return undefined;
  if (colours.length === 0) {
    return thing !== undefined && /^ (is|are) (this|that|it|these|those) /.test(text)
      ? { kind: 'is', thing: calledOf(thing) }
      : undefined;
  }
  const part = findPart(text, thing, words);
  if (thing === undefined && part === undefined) return undefined;
  return { kind: 'colour', ...(thing && { thing: calledOf(thing) }), ...(part && { part }), offered: colours };
}

function calledOf({ category, said }: Found): Called {
  return { category, said };
}

/** The question's words between single spaces, without how it begins, slips of the keyboard put right. */
function plain(question: string, words: LookWords): string {
  const typed = fold(question)
    .replace(LEAD_IN, '')
    .replace(/^(what|where|which|how)['\u2019]?s\b/, '$1 is')
    .replace(/['\u2019]s\b/g, ' s')
    .replace(/[^\p{L}\p{N}\s-]/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  const known = knownWords(words);
  const right = typed.map((word) => {
    if (word.length < 4 || known.has(word) || known.has(word.replace(/s$/, ''))) return word;
    for (const other of known) if (other.length > 3 && isSlipOf(word, other)) return other;
    return word;
  });
  return ` ${right.join(' ')} `;
}

/** A letter added is a slip only where it doubles one: a bandana is no banana. */
function isSlipOf(word: string, other: string): boolean {
  return isOneSlip(word, other) && (word.length <= other.length || /(.)\1/.test(word));
}

const PLACE_WORDS = 'left right upper lower middle centre center bottom above below beside colour color picture photo';
// Common words one slip away from a thing or a part.
const OTHERS =
  'that this what does with where there these those here have like look thing things side half part item object kind over under wear show shows shown main made most name';
const knownOf = new WeakMap<LookWords, ReadonlySet<string>>();

function knownWords(words: LookWords): ReadonlySet<string> {
  const before = knownOf.get(words);
  if (before !== undefined) return before;
  const called = [...Object.values(words.called), ...Object.values(words.partCalled)].flat();
  const phrases = [...words.categories, ...words.parts, ...called, ...words.colours, PLACE_WORDS, OTHERS];
  const all = new Set(phrases.flatMap((phrase) => phrase.split(' ')));
  knownOf.set(words, all);
  return all;
}

const DESCRIBE = /^ describe |^ (what|how) (does|do|is|s) .*\b(look|looks|like)\b/;
const KIND = /^ (what|which|name)\b.*\b(this|that|here|see|photo|picture|image|looking at|it)\b/;
// "the colour of Bo's bandana": asked of a part the network has no word for.
const UNKNOWN_PART = / s (?!colou?r)\p{L}+ | of (?:the|its|his|her) \p{L}+ of /u;

interface Found extends Called {
  readonly at: number; // where in the question; -1: a name that stands for it
}

/** Things the question speaks of, in its order; of words that lie in each other the longest. */
function findThings(text: string, words: LookWords): Found[] {
  const found: Found[] = [];
  for (const category of words.categories) {
    const last = category.split(' ').at(-1) ?? category; // "car" for a toy car, but not "can" for a watering can
    for (const said of new Set([category, ...(words.called[category] ?? []), last === 'can' ? category : last])) {
      const at = indexOfWord(text, said);
      if (at >= 0) found.push({ category, said: text.slice(at, at + lengthAt(text, at, said)), at });
    }
  }
  // "an orange dog": the fruit is a colour there.
  const isShade = ({ said, at }: Found): boolean =>
    words.colours.includes(said) && found.some((other) => other.at === at + said.length + 1);
  const meant = found.filter((one) => !isShade(one));
  meant.sort((a, b) => b.said.length - a.said.length || Number(b.said === b.category) - Number(a.said === a.category));
  const kept: Found[] = [];
  for (const one of meant) {
    const end = one.at + one.said.length;
    if (!kept.some((other) => one.at < other.at + other.said.length && other.at < end)) kept.push(one);
  }
  return kept.sort((a, b) => a.at - b.at);
}

/** Index of `word` in ` … words … `, also in its plural; -1 when it is not there. */
function indexOfWord(text: string, word: string): number {
  const at = text.indexOf(` ${word} `);
  const many = at >= 0 ? at : text.indexOf(` ${word}s `);
  return many < 0 ? -1 : many + 1;
}

function lengthAt(text: string, at: number, word: string): number {
  return text.startsWith(`${word}s `, at) ? word.length + 1 : word.length;
}

function findPart(
  text: string,
  thing: Found | undefined,
  words: LookWords,
): { part: string; said: string } | undefined {
  const rest =
    thing === undefined || thing.at < 0
      ? text
      : `${text.slice(0, thing.at)}${' '.repeat(thing.said.length)}${text.slice(thing.at + thing.said.length)}`;
  const own = thing === undefined ? undefined : words.partsOf[thing.category];
  const found: { part: string; said: string; rank: number }[] = [];
  for (const part of words.parts) {
    const other = words.partCalledOf.find((entry) => entry.part === part && entry.category === thing?.category)?.called;
    for (const said of [part, ...(other ?? words.partCalled[part] ?? [])]) {
      const singular = said.replace(/s$/, '');
      const at = [said, singular].map((word) => indexOfWord(rest, word)).find((i) => i >= 0);
      if (at === undefined) continue;
      const known = own === undefined || own.includes(part);
      found.push({
        part,
        said: rest.slice(at).split(' ').slice(0, said.split(' ').length).join(' '),
        rank: (known ? 2 : 0) + (said === part ? 1 : 0),
      });
    }
  }
  const exact = ({ part, said }: { part: string; said: string }): number => Number(part === said);
  found.sort((a, b) => b.rank - a.rank || b.said.length - a.said.length || exact(b) - exact(a));
  return found[0] && { part: found[0].part, said: found[0].said };
}

function placeIn(text: string): Place | undefined {
  const across = / left /.test(text) ? 'left' : / right /.test(text) ? 'right' : undefined;
  const along = / (top|upper) /.test(text) ? 'top' : / (bottom|lower) /.test(text) ? 'bottom' : undefined;
  if (across !== undefined || along !== undefined) return { ...(across && { across }), ...(along && { along }) };
  return / (middle|cent(?:re|er)) /.test(text) ? { across: 'middle', along: 'middle' } : undefined;
}

function relationIn(text: string): Relation | undefined {
  if (/ left of (the|a|an|my) (?!photo|picture|image)/.test(text)) return 'left of';
  if (/ right of (the|a|an|my) (?!photo|picture|image)/.test(text)) return 'right of';
  if (/ (above|over|on top of) /.test(text)) return 'above';
  if (/ (below|under|beneath|underneath) /.test(text)) return 'below';
  return / (next to|beside|by) /.test(text) ? 'next to' : undefined;
}
