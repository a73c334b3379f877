// One question about several concepts: its parts, and the answers as one.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  askedOfEach,
  askedOfOne,
  asksOfEach,
  isShared,
  joinAnswers,
  splitByNames,
} from '../../../src/core/shared-question';
import type { Concept, ConceptId } from '../../../src/core/types';

describe('several concepts', () => {
  it.each([
    ['Where do Bo and Mia sleep?', 'Bo', 'Where does Bo sleep?'],
    ['what are Bo and Mia afraid of', 'Mia', 'what is Mia afraid of'],
    ["what are bo's and Mia's toys", 'Mia', "what are Mia's toys"],
    ['Where does Bo sleep and what does Mia eat?', 'Bo', 'Where does Bo sleep and what does Mia eat?'],
    ['Who is older, Bo or Mia?', 'Mia', 'How old is Mia?'],
    ['which was cheaper, Bo or Mia', 'Bo', 'How much did Bo cost?'],
    ['Mia, Bo and Dr. X?', 'Dr. X', 'Dr. X?'],
  ])('%s is asked of %s alone', (question, name, alone) => {
    expect(askedOfOne(question, ['Bo', 'Mia', 'Dr. X'], name)).toBe(alone);
  });

  it.each([
    [['Bo sleeps here.', 'Mia sleeps there.'], 'Bo sleeps here and Mia sleeps there.'],
    [['Bo snores.', 'You bought it.'], 'Bo snores and you bought it.'],
    [['Bo snores.', "I don't know."], "Bo snores and I don't know."],
    [['Bo snores.'], 'Bo snores.'],
  ])('%j are one answer', (sentences, said) => expect(joinAnswers(sentences)).toBe(said));
});

describe('two questions in one', () => {
  const concepts: Concept[] = ['Bo', 'Mia'].map((name) => ({
    id: name as ConceptId,
    name,
    aliases: [],
    card: undefined,
    createdAt: 1,
    updatedAt: 1,
  }));
  const parts = (question: string): object => Object.fromEntries(splitByNames(question, concepts) ?? []);

  it('fall apart at their names', () => {
    expect(parts('Where does Bo sleep and what does Mia eat?')).toEqual({
      Bo: 'Where does Bo sleep',
      Mia: 'what does Mia eat?',
    });
  });

  it.each([
    'Where do Bo and Mia sleep?',
    'What are Bo and Mia afraid of?',
    'What does Bo eat and drink?',
    'Where does Bo sleep?',
    'Bo and Mia?',
  ])('%s is one', (question) => expect(splitByNames(question, concepts)).toBeUndefined());

  it('ask each its own, or one question by its own name', () => {
    const each = (question: string, about = concepts): object =>
      Object.fromEntries(askedOfEach(question, about, concepts));
    expect(each('Where does Bo sleep and what does Mia eat?')).toEqual({
      Bo: 'Where does Bo sleep',
      Mia: 'what does Mia eat?',
    });
    expect(each('Where do Bo and Mia sleep?')).toEqual({ Bo: 'Where does Bo sleep?', Mia: 'Where does Mia sleep?' });
    expect(each('Where does Bo sleep?', concepts.slice(0, 1))).toEqual({ Bo: 'Where does Bo sleep?' });
  });

  it('gives a part that begins in the middle the head of the first', () => {
    expect(parts('whats the code for the gate at Bo and for the shed of Mia?')).toEqual({
      Bo: 'whats the code for the gate at Bo',
      Mia: 'whats the code for the shed of Mia?',
    });
    expect(parts('how do i get to Bo and to Mia')).toEqual({ Bo: 'how do i get to Bo', Mia: 'how do i get to Mia' });
  });
});

describe('what is asked of each', () => {
  const concepts: Concept[] = [
    ['Bo', ['Bobo']],
    ['Uncle Ravi', []],
  ].map(([name, aliases]) => ({
    id: name as ConceptId,
    name: name as string,
    aliases: aliases as string[],
    card: undefined,
    createdAt: 1,
    updatedAt: 1,
  }));
  const [bo] = concepts as [Concept];
  const asks = (question: string, about = concepts): object =>
    Object.fromEntries(asksOfEach(question, about, concepts));

  it('is a comparison in several wordings, with its own words where they say more', () => {
    expect(asks('Who is older, Bo or Uncle Ravi?')).toMatchObject({ Bo: [['How old is it?', 'When was it born?']] });
    expect(asks('who moves out sooner, Bo or Uncle Ravi')).toMatchObject({
      'Uncle Ravi': [['who moves out sooner, it', 'When is it?', 'When does it start?']],
    });
  });

  it('is asked of "it", whichever name was said', () => {
    expect(asks('where do bobo and ravi sleep')).toEqual({
      Bo: [['where does it sleep']],
      'Uncle Ravi': [['where does it sleep']],
    });
    expect(asks('Does Bo like Uncle Ravi?')).toMatchObject({ Bo: [['Does it like Uncle Ravi?']] });
    expect(asks('where does my dog Bo sleep', [bo])).toEqual({ Bo: [['where does it sleep']] });
    expect(asks("what is Bo's weight, and bos chip number", [bo])).toEqual({
      Bo: [['what is its weight, and its chip number']],
    });
    expect(asks("who is Bo's", [bo])).toEqual({ Bo: [["who is it's"]] });
    expect(asks('Where is the bone of Boris?', [bo])).toEqual({ Bo: [['Where is the bone of Boris?']] });
  });

  it('is each of several questions about one', () => {
    expect(asks('what does bo take in his tea and when are his tablets?', [bo])).toEqual({
      Bo: [['what does it take in his tea'], ['when are his tablets?']],
    });
    expect(asks('how old is bo? need it for the vet form', [bo])).toEqual({
      Bo: [['how old is it? need it for the vet form']],
    });
    expect(asks('What does Bo eat and drink?', [bo])).toEqual({ Bo: [['What does it eat and drink?']] });
  });

  it('is asked without the name that only says whom it is about', () => {
    expect(asks('bo: when is his jab due', [bo])).toEqual({ Bo: [['when is his jab due']] });
    expect(asks('Bobo, who walks him?', [bo])).toEqual({ Bo: [['who walks him?']] });
    expect(asks('Bo: jabs?', [bo])).toEqual({ Bo: [['jabs?']] });
  });

  it('is what recall was trained to be asked: the same names left out as in training/recall/pairs.py', () => {
    const rows = JSON.parse(readFileSync('test/golden/recall/names.json', 'utf8')) as [string, string, string][];
    const said = rows.map(([question, name]) => {
      const concept: Concept = { ...bo, id: name as ConceptId, name, aliases: [] };
      return [question, name, ...(asksOfEach(question, [concept], [concept]).get(concept.id) ?? []).flat()];
    });
    expect(said).toEqual(rows);
    expect(rows.length).toBeGreaterThan(150);
  });

  it.each([
    ['Where do Bo and Uncle Ravi sleep?', true],
    ['who is taller, ravi or bo', true],
    ['where is Bo and what does ravi eat', true],
    ['Does Bo like Uncle Ravi?', false],
    ['What did Uncle Ravi give Bo?', false],
  ])('%s is shared: %s', (question, shared) => expect(isShared(question, concepts, concepts)).toBe(shared));
});
