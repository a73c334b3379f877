// What things are compared by: the words for more and less of it, what is asked of each, and which quantity of a fact counts.

import { age, birth, day, distance, duration, hour, length, money, volume, weight, type Reader } from './quantities';

export interface Measure {
  readonly words: readonly [more: string, less: string, most: string, least: string];
  readonly others: { readonly more: readonly string[]; readonly less: readonly string[] };
  /** Asked of each thing, in place of "it"; the plainest first. */
  readonly asks: readonly [string, ...string[]];
  readonly readers: readonly Reader[]; // tried in turn: all that is compared must be read by the same one
}

/** A comparison: of what, and whether more or less of it is asked for ("older": 1, "younger": −1). */
export interface Comparison {
  readonly measure: Measure;
  readonly side: 1 | -1;
  readonly words: RegExp; // that say so
}

const MEASURES: readonly Measure[] = [
  {
    words: ['older', 'younger', 'oldest', 'youngest'],
    others: { more: ['elder', 'eldest'], less: [] },
    asks: ['How old is it?', 'When was it born?'],
    readers: [age, birth],
  },
  {
    words: ['heavier', 'lighter', 'heaviest', 'lightest'],
    others: { more: [], less: [] },
    asks: ['How heavy is it?', 'How much does it weigh?'],
    readers: [weight],
  },
  {
    words: ['taller', 'shorter', 'tallest', 'shortest'],
    others: { more: [], less: [] },
    asks: ['How tall is it?'],
    readers: [length],
  },
  {
    words: ['longer', 'shorter', 'longest', 'shortest'],
    others: { more: [], less: [] },
    asks: ['How long is it?'],
    readers: [length, duration],
  },
  {
    words: ['bigger', 'smaller', 'biggest', 'smallest'],
    others: { more: ['larger', 'largest'], less: [] },
    asks: ['How big is it?'],
    readers: [length, weight, volume],
  },
  {
    words: ['dearer', 'cheaper', 'dearest', 'cheapest'],
    others: { more: ['more expensive', 'most expensive', 'pricier', 'priciest', 'costs? more'], less: ['costs? less'] },
    asks: ['How much did it cost?', 'What was paid for it?', 'What is it worth?'],
    readers: [money],
  },
  {
    words: ['later', 'earlier', 'latest', 'earliest'],
    others: { more: ['comes? last'], less: ['sooner', 'soonest', 'comes? first', 'is first', 'goes first'] },
    asks: ['When is it?', 'When does it start?'],
    readers: [day, hour],
  },
  {
    words: ['farther', 'nearer', 'farthest', 'nearest'],
    others: { more: ['further', 'furthest'], less: ['closer', 'closest'] },
    asks: ['How far is it?'],
    readers: [distance, duration],
  },
];

/** What a question compares by, if it compares. */
export function comparisonIn(question: string): Comparison | undefined {
  for (const measure of MEASURES) {
    const { words, others } = measure;
    const [more, less, most, least] = words;
    const sides = [
      { side: 1, all: [more, most, ...others.more] },
      { side: -1, all: [less, least, ...others.less] },
    ] as const;
    for (const { side, all } of sides) {
      const said = new RegExp(`\\b(?:${all.join('|')})\\b`, 'i');
      if (said.test(question)) return { measure, side, words: said };
    }
  }
  return undefined;
}
