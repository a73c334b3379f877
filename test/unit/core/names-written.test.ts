// Names that were linked are written out once the answer begins them.
import { expect, test } from 'vitest';
import { nameContinuation, writtenName } from '../../../src/core/stages/decode';

test('the proper word of a name is written out, a title with its name, a common phrase never', () => {
  expect(writtenName('Biscuit')).toBe('Biscuit');
  expect(writtenName("Tom's mug")).toBe('Tom');
  expect(writtenName('Mr. Button')).toBe('Mr. Button');
  expect(writtenName('the hall lamp')).toBeUndefined();
});

test('a begun name goes on; a letter counts only at the start; two names that differ leave the choice to the model', () => {
  const biscuit = { ids: [7, 8, 9], distinct: true };
  const juno = { ids: [4, 5], distinct: false };
  expect(nameContinuation([7], [biscuit])).toBe(8);
  expect(nameContinuation([1, 7, 8], [biscuit, juno])).toBe(9);
  expect(nameContinuation([7, 8, 9], [biscuit])).toBeUndefined();
  expect(nameContinuation([4], [juno])).toBe(5);
  expect(nameContinuation([1, 4], [juno])).toBeUndefined();
  expect(nameContinuation([1, 4, 5], [{ ids: [4, 5, 6], distinct: false }])).toBe(6);
  expect(nameContinuation([7], [biscuit, { ids: [7, 3], distinct: true }])).toBeUndefined();
});
