// A malformed suite is named by its field; a good one says what each answer is held against.

import { describe, expect, it } from 'vitest';
import { isRight } from '../../../src/core/grade';
import { expectedOf, parseSuite, readSuite, SuiteError, turnsOf } from '../../../bench/suite';
import type { Suite } from '../../../bench/suite';

const BO = { id: 'bo', name: 'Bo', aliases: ['my corgi'], facts: ['Bo naps.'], photos: ['bo.jpg'] };
const MAX = { id: 'max', name: 'Max', facts: [], photos: [] };
const ASK = { id: 'q1', kind: 'recognise', text: 'Who is this?', photo: 'new.jpg', answer: 'Bo', concepts: ['bo'] };

function suiteWith(question: object, concepts: object[] = [BO, MAX]): string {
  return JSON.stringify({ concepts, questions: [{ ...ASK, ...question }] });
}

function fieldOf(json: string): string {
  try {
    parseSuite(json);
  } catch (cause) {
    if (cause instanceof SuiteError) return cause.field;
    throw cause;
  }
  return 'none';
}

describe('a malformed suite', () => {
  it.each([
    ['suite', '{'],
    ['suite', '7'],
    ['concepts', '[]'],
    ['concepts', JSON.stringify({ questions: [ASK] })],
    ['questions', JSON.stringify({ concepts: [BO], questions: [] })],
    ['questions[0].answer', suiteWith({ answer: 3 })],
    ['questions[0].answer', suiteWith({ answer: [] })],
    ['questions[0].text', suiteWith({ text: ' ' })],
    ['questions[0].options', suiteWith({ options: ['Bo'] })],
    ['questions[0].concepts[0]', suiteWith({ concepts: ['rex'] })],
    ['questions[0].after', suiteWith({ after: 'q1' })],
    ['questions[0].after', suiteWith({ after: '' })],
    ['concepts[1].id', suiteWith({}, [BO, BO])],
    ['concepts[0].facts[0]', suiteWith({}, [{ ...BO, facts: [1] }])],
  ])('is refused at %s', (field, json) => {
    expect(fieldOf(json)).toBe(field);
  });

  it('is refused for an answer left out: null must be meant', () => {
    expect(fieldOf(JSON.stringify({ concepts: [], questions: [{ id: 'q', kind: 'absent', text: 'Who?' }] }))).toBe(
      'questions[0].answer',
    );
  });

  it('is refused for a photo or a file that is not there', () => {
    expect(() => readSuite('/nowhere/suite.json')).toThrow(SuiteError);
  });
});

describe('a follow-up', () => {
  const ask = (id: string, after?: string) => ({ ...ASK, id, text: `${id}?`, ...(after && { after }) });
  const asJson = (...questions: object[]): string => JSON.stringify({ concepts: [BO], questions });

  it('is asked behind all it follows, and nothing else', () => {
    const { questions } = parseSuite(asJson(ask('a'), ask('b', 'a'), ask('other'), ask('c', 'b')));
    const turns = questions.map((question) => turnsOf(question, questions).map(({ id }) => id));
    expect(turns).toEqual([['a'], ['a', 'b'], ['other'], ['a', 'b', 'c']]);
  });

  it('follows only what stands before it', () => {
    expect(fieldOf(asJson(ask('a', 'b'), ask('b')))).toBe('questions[0].after');
  });
});

describe('what an answer is held against', () => {
  const suite = (json: string): Suite => parseSuite(json);

  function judge(got: string, question: object): boolean {
    const { concepts, questions } = suite(suiteWith(question));
    const [first] = questions;
    if (!first) throw new Error('no question');
    return isRight(got, expectedOf(first, concepts));
  }

  it('in recognise, an alias is as good as the name and other names are wrong', () => {
    expect(judge('This is Bo.', {})).toBe(true);
    expect(judge('This is my corgi.', {})).toBe(true);
    expect(judge('This is Max.', {})).toBe(false);
    expect(judge('This is Bo or Max.', {})).toBe(false);
    expect(judge('A cat.', {})).toBe(false);
  });

  it('elsewhere, naming another concept is no fault', () => {
    const fact = { kind: 'fact', answer: 'sofa', options: ['sofa', 'crate'] };
    expect(judge('Bo sleeps on the sofa, with Max.', fact)).toBe(true);
    expect(judge('Bo sleeps in the crate.', fact)).toBe(false);
  });
});
