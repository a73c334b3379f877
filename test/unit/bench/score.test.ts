// What counts as right decides every figure we print: each rule of bench/score.ts, and the ways to fool it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstOption } from '../../../bench/score';
import { isRight, normalise, saysDontKnow, type Expected } from '../../../src/core/grade';
import { shuffle } from '../../../src/core/random';

function right(got: string, answer: Expected['answer'], distractors: string[] = [], names: string[] = []): boolean {
  return isRight(got, { answer, distractors, names });
}

describe('normalise', () => {
  it('drops case, accents, punctuation, possessives and articles', () => {
    expect(normalise("The Café's big, RED-brown mug!")).toEqual(['cafe', 'big', 'red', 'brown', 'mug']);
    expect(normalise("Grandpa's mug")).toEqual(normalise('a Grandpa’s  mug.'));
    expect(normalise('')).toEqual([]);
  });

  it('is the same done twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = normalise(text);
        expect(normalise(once.join(' '))).toEqual(once);
      }),
    );
  });
});

describe('a right answer', () => {
  it('names the thing in whole words', () => {
    expect(right('Bo sleeps on the blue sofa.', 'the blue sofa')).toBe(true);
    expect(right('Bo sleeps on the sofa.', 'blue sofa')).toBe(false);
    expect(right('Bo is a scarfed dog.', 'car')).toBe(false);
    expect(right('It is Bobo.', 'Bo')).toBe(false);
    expect(right('', 'Bo')).toBe(false);
  });

  it('may use any alternative', () => {
    expect(right('She is 2.', 'two|2')).toBe(true);
    expect(right('She is two.', 'two|2')).toBe(true);
    expect(right('She is four.', 'two|2')).toBe(false);
  });

  it('names every entry of a list', () => {
    expect(right('On the sofa and in the crate.', ['sofa', 'crate'])).toBe(true);
    expect(right('On the sofa.', ['sofa', 'crate'])).toBe(false);
  });

  it('names no distractor', () => {
    const colours = ['green', 'red', 'blue', 'turquoise'];
    expect(right('The collar is green.', 'green', colours)).toBe(true);
    expect(right('The collar is green and red.', 'green', colours)).toBe(false);
    expect(right('Green red blue turquoise.', 'green', colours)).toBe(false);
  });

  it('is told from a longer phrase that holds it', () => {
    expect(right('It is dark blue.', 'blue', ['dark blue'])).toBe(false);
    expect(right('It is dark blue.', 'dark blue', ['blue'])).toBe(true);
    expect(right('It is dark blue, no, blue.', 'dark blue', ['blue'])).toBe(false);
  });

  it('is not spoilt by a name, nor made of one', () => {
    const names = ["Dad's red mug"];
    expect(right("Dad's red mug has a white handle.", 'white', ['white', 'red'], names)).toBe(true);
    expect(right("Dad's red mug is for tea.", 'red', ['white', 'red'], names)).toBe(false);
    expect(right("Dad's red mug is red.", 'red', ['white', 'red'], names)).toBe(true);
    expect(right("This is Dad's red mug.", "Dad's red mug", [], names)).toBe(true);
  });

  it('is never "I don\'t know", whatever comes after it', () => {
    expect(right("I don't know. Closest I have: Bo.", 'Bo')).toBe(false);
  });
});

describe('"I don\'t know"', () => {
  it('is right only where nothing is known', () => {
    expect(right("I don't know.", null)).toBe(true);
    expect(right('I don’t know', null)).toBe(true);
    expect(right("I don't know. Closest I have: Bo.", null)).toBe(true);
    expect(right('This is Bo.', null)).toBe(false);
    expect(right('', null)).toBe(false);
  });

  it('does not cover a claim made after it', () => {
    expect(saysDontKnow("I don't know. This is Bo.")).toBe(false);
    expect(saysDontKnow("I don't know much, but Bo sleeps here.")).toBe(false);
  });
});

describe('the first option', () => {
  const question = { id: 'q', answer: 'green', options: ['green', 'red', 'blue', 'pink'] };

  it('is drawn from the options with a seed', () => {
    expect(firstOption(question, [], 1)).toBe(firstOption(question, [], 1));
    const drawn = Array.from({ length: 400 }, (_, seed) => firstOption(question, [], seed));
    const share = drawn.filter((option) => option === 'green').length / drawn.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.35);
  });

  it('is as many options as the answer has entries', () => {
    const both = firstOption({ ...question, answer: ['green', 'red'] }, [], 1);
    expect(both.split(' and ')).toHaveLength(2);
  });

  it('comes from the answers of the kind when there are no options', () => {
    const pool = ['green|lime', ['red', 'blue'], null] as const;
    const drawn = new Set(Array.from({ length: 50 }, (_, seed) => firstOption({ id: 'q', answer: null }, pool, seed)));
    expect([...drawn].sort()).toEqual(["I don't know.", 'green', 'red and blue']);
    expect(firstOption({ id: 'q', answer: null }, [null, null], 1)).toBe("I don't know.");
  });
});

it('shuffle keeps every item', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
      expect([...shuffle(items, seed)].sort()).toEqual([...items].sort());
    }),
  );
});
