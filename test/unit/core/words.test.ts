// Folding, splitting, stems and misspellings.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentStems, editsBetween, fold, foldedWords, isTypoOf, stem, wordsOf } from '../../../src/core/words';

describe('words', () => {
  it('folds case, accents and quotes, and takes possessives off', () => {
    expect(fold('Zoë’s CAFÉ')).toBe("zoe's cafe");
    expect(foldedWords("Where's Dad’s e-bike? It doesn't fit.")).toEqual([
      'where',
      'dad',
      'e-bike',
      'it',
      'does',
      'not',
      'fit',
    ]);
    expect(wordsOf('Bo sleeps. Mia too').map((word) => word.startsSentence)).toEqual([true, false, true, false]);
  });

  it.each([
    ['sleeps', 'slept'],
    ['sleeping', 'sleep'],
    ['likes', 'liked'],
    ['puppies', 'puppy'],
    ['boxes', 'box'],
    ['running', 'runs'],
    ['favourite', 'favorite'],
    ['lost', 'loses'],
    ['colour', 'color'],
    ['bought', 'buys'],
    ['two', '2'],
    ['allergies', 'allergy'],
  ])('%s and %s have one stem', (a, b) => expect(stem(a)).toBe(stem(b)));

  it.each([
    ['sofa', 'soft'],
    ['glass', 'glas'],
    ['red', 'read'],
  ])('%s and %s do not', (a, b) => expect(stem(a)).not.toBe(stem(b)));

  it('keeps topic words only', () => {
    expect(contentStems('Where does my dog sleep at night?')).toEqual(['dog', 'sleep', 'night']);
    expect(contentStems('What is her name?')).toEqual([]);
  });

  it('counts edits like the definition', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const found = editsBetween(a, b, 12);
        expect(found?.edits === 0).toBe(a === b);
        expect(found?.edits).toBe(editsBetween(b, a, 12)?.edits);
        expect(found?.edits).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(found?.edits).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
      { seed: 8 },
    );
    expect(editsBetween('milo', 'imlo', 2)).toEqual({ edits: 1, substitutions: 0 });
    expect(editsBetween('kitten', 'sitting', 2)).toBeUndefined();
  });

  it.each([
    ['bobbby', 'bobby', true],
    ['charlei', 'charlie', true],
    ['penolope', 'penelope', true],
    ['mioo', 'milo', false], // another letter in a short name is another name
    ['mila', 'milo', false],
    ['bella', 'della', false],
    ['bo', 'bob', false],
    ['max', 'mex', false],
    ['zorro', 'bo', false],
  ])('%s for %s: %s', (typed, known, yes) => expect(isTypoOf(typed, known)).toBe(yes));
});
