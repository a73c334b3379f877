// Look: which questions are about looks, what is asked of the eyes for them, and what is said of what they saw.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  best,
  describeLook,
  looksFor,
  type LookFinding,
  type LookQuestion,
  type LookWords,
  partQueries,
  queriesOf,
  sayLook,
  seenTogether,
  TASKS,
} from '../../../src/core/look';
import { lookQuestion } from '../../../src/core/look-question';

const words = JSON.parse(readFileSync('public/models/mini/look.json', 'utf8')) as LookWords;
const number = (list: readonly string[], word: string): number => list.indexOf(word) + 1;

describe('lookQuestion', () => {
  it.each<[string, LookQuestion | undefined]>([
    ['What kind of thing is this?', { kind: 'kind' }],
    ['hey jarvis, what am I looking at', { kind: 'kind' }],
    ['Describe this.', { kind: 'describe' }],
    ['What does it look like?', { kind: 'describe' }],
    ['Is this a teapot?', { kind: 'is', thing: { category: 'teapot', said: 'teapot' } }],
    ['what color is it', { kind: 'colour' }],
    ["What's the main colour of the car?", { kind: 'colour', thing: { category: 'toy car', said: 'car' } }],
    [
      "what colour is the mug's handel",
      { kind: 'colour', thing: { category: 'mug', said: 'mug' }, part: { part: 'handle', said: 'handle' } },
    ],
    [
      'Is the handle red or blue?',
      { kind: 'colour', part: { part: 'handle', said: 'handle' }, offered: ['red', 'blue'] },
    ],
    [
      'Is there an orange dog on the left?',
      { kind: 'there', thing: { category: 'dog', said: 'dog' }, place: { across: 'left' }, colour: 'orange' },
    ],
    ['Can you see a cat?', { kind: 'there', thing: { category: 'cat', said: 'cat' } }],
    [
      'Is the lamp in the upper rihgt corner?',
      { kind: 'there', thing: { category: 'lamp', said: 'lamp' }, place: { across: 'right', along: 'top' } },
    ],
    ['Where is the bunny?', { kind: 'where', thing: { category: 'toy rabbit', said: 'bunny' } }],
    [
      'Is the mug to the left of the vase?',
      {
        kind: 'beside',
        thing: { category: 'mug', said: 'mug' },
        other: { category: 'vase', said: 'vase' },
        relation: 'left of',
      },
    ],
    ['What is on the left?', { kind: 'at', place: { across: 'left' }, colour: false }],
    ['which colour has the thing at the bottom', { kind: 'at', place: { along: 'bottom' }, colour: true }],
    // Not about looks, or of what the eyes have no number for.
    ['Who is this?', undefined],
    ['What colour is the bandana?', undefined],
    ["What colour is Bo's bandana?", undefined],
    ['Is Bo allergic to chicken?', undefined],
    ['What does Bo eat?', undefined],
    ['Is the mug dishwasher safe?', undefined],
  ])('%s', (question, expected) => {
    expect(lookQuestion(question, words)).toEqual(expected);
  });

  it('takes a name for the thing it stands for', () => {
    expect(lookQuestion("What colour is Bo's collar?", words, { said: 'Bo', category: 'dog' })).toEqual({
      kind: 'colour',
      thing: { category: 'dog', said: 'Bo' },
      part: { part: 'collar', said: 'collar' },
    });
  });
});

function seen(part: Partial<LookFinding>): LookFinding {
  return { colours: [], kinds: [], present: 0, box: { x0: 0, y0: 0, x1: 0, y1: 0 }, ...part };
}
const likely = (list: readonly string[], word: string, p = 0.9): number[] =>
  list.map((other) => (other === word ? p : (1 - p) / (list.length - 1)));
const at = (x: number, y: number): LookFinding['box'] => ({ x0: x - 0.1, y0: y - 0.1, x1: x + 0.1, y1: y + 0.1 });
const mug = { category: 'mug', said: 'mug' };

describe('queriesOf', () => {
  it('says thing and part by their numbers', () => {
    expect(queriesOf({ kind: 'colour', thing: mug, part: { part: 'handle', said: 'handle' } }, words)).toEqual([
      { task: 1, category: number(words.categories, 'mug'), part: number(words.parts, 'handle') },
    ]);
    expect(queriesOf({ kind: 'at', place: {}, colour: false }, words)).toHaveLength(2 * words.categories.length);
    expect(partQueries('mug', words).map(({ part }) => part)).toContain('handle');
    expect(partQueries('bandana', words)).toEqual([]);
  });
});

describe('sayLook', () => {
  const say = (question: LookQuestion, ...findings: LookFinding[]): string | undefined =>
    sayLook(question, findings, words);

  it('names the kind, and says nothing when it is a guess', () => {
    expect(say({ kind: 'kind' }, seen({ kinds: likely(words.categories, 'apple') }))).toBe('This is an apple.');
    expect(say({ kind: 'kind' }, seen({ kinds: likely(words.categories, 'shoes') }))).toBe('This is shoes.');
    expect(say({ kind: 'kind' }, seen({ kinds: likely(words.categories, 'apple', 0.2) }))).toBeUndefined();
    expect(say({ kind: 'is', thing: mug }, seen({ kinds: likely(words.categories, 'vase') }))).toBe(
      'No, this is a vase.',
    );
  });

  it('names colours, of one and of many', () => {
    const red = seen({ colours: likely(words.colours, 'red') });
    expect(say({ kind: 'colour', thing: mug }, red)).toBe('The mug is red.');
    expect(say({ kind: 'colour', part: { part: 'laces', said: 'laces' } }, red)).toBe('The laces are red.');
    expect(say({ kind: 'colour', thing: mug, offered: ['blue'] }, red)).toBe('No, the mug is red.');
    expect(say({ kind: 'colour', thing: mug, offered: ['blue', 'red'] }, red)).toBe('The mug is red.');
    expect(say({ kind: 'colour' }, seen({ colours: likely(words.colours, 'red', 0.1) }))).toBeUndefined();
  });

  it('answers yes and no about places', () => {
    const there = (x: number, y: number): LookFinding => seen({ present: 0.9, box: at(x, y) });
    const left: LookQuestion = { kind: 'there', thing: mug, place: { across: 'left' } };
    expect(say(left, there(0.2, 0.5))).toBe('Yes, the mug is on the left.');
    expect(say(left, there(0.8, 0.2))).toBe('No, the mug is in the upper right.');
    expect(say(left, seen({ present: 0.1 }))).toBe('No, I see no mug.');
    expect(say({ kind: 'where', thing: mug }, there(0.5, 0.9))).toBe('The mug is at the bottom.');
    expect(say({ kind: 'where', thing: mug }, seen({ present: 0.1 }))).toBe('There is no mug in the photo.');
    const beside: LookQuestion = {
      kind: 'beside',
      thing: mug,
      other: { category: 'vase', said: 'vase' },
      relation: 'left of',
    };
    expect(say(beside, there(0.2, 0.5), there(0.7, 0.5))).toBe('Yes, the mug is left of the vase.');
    expect(say(beside, there(0.7, 0.5), there(0.2, 0.5))).toBe('No, the mug is not left of the vase.');
    expect(say(beside, there(0.7, 0.5), seen({}))).toBe('No, I see no vase.');
  });

  it('tells what stands at a place', () => {
    const findings = words.categories.flatMap((category) => [
      seen({
        present: category === 'lamp' ? 0.9 : category === 'mug' ? 0.95 : 0.1,
        box: at(category === 'lamp' ? 0.2 : 0.8, 0.5),
      }),
      seen({ colours: likely(words.colours, 'green') }),
    ]);
    expect(sayLook({ kind: 'at', place: { across: 'left' }, colour: false }, findings, words)).toBe(
      'There is a green lamp on the left.',
    );
    expect(sayLook({ kind: 'at', place: { across: 'left' }, colour: true }, findings, words)).toBe(
      'The lamp on the left is green.',
    );
  });

  it('describes a thing by its colour and by parts that are sure to be of another', () => {
    const whole = [seen({ kinds: likely(words.categories, 'mug') }), seen({ colours: likely(words.colours, 'red') })];
    const parts = ['body', 'handle', 'rim'];
    const colours = [
      ['red', 0.9],
      ['white', 0.9],
      ['blue', 0.3],
    ] as const;
    const found = colours.map(([colour, p]) => seen({ colours: likely(words.colours, colour, p) }));
    expect(describeLook(whole, parts, found, words)).toBe('A red mug with a white handle.');
  });

  it('picks the most probable', () => expect(best([0.1, 0.7, 0.2], ['a', 'b', 'c'])).toEqual(['b', 0.7]));
});

describe('closer looks', () => {
  const finding = (colours: number[], x0: number): LookFinding => ({
    colours,
    kinds: [1 - x0],
    present: x0,
    box: { x0, y0: 0, x1: 1, y1: 1 },
  });

  it('are taken where a kind or a colour is asked for, not for a place', () => {
    expect(looksFor([{ task: TASKS.where, category: 1, part: 0 }])).toEqual([{ x: 0, y: 0, w: 1, h: 1 }]);
    const boxes = looksFor([
      { task: TASKS.where, category: 1, part: 0 },
      { task: TASKS.colour, category: 1, part: 0 },
    ]);
    expect(boxes.map(({ w }) => w)).toEqual([1, 0.86, 0.72]);
  });

  it("give the mean of colours and kinds, and the first look's place", () => {
    const [one] = seenTogether([[finding([0.9, 0.1], 0.2)], [finding([0.1, 0.9], 0.8)], [finding([0.2, 0.8], 0.8)]]);
    expect(one?.colours.map((c) => Math.round(c * 10) / 10)).toEqual([0.4, 0.6]);
    expect(one?.kinds[0]).toBeCloseTo(0.4);
    expect(one).toMatchObject({ present: 0.2, box: { x0: 0.2 } });
    expect(seenTogether([])).toEqual([]);
  });
});
