// The frozen suites stay what they were when training began: their size, and answers that memory really holds.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRight } from '../../../src/core/grade';
import { parseSuite } from '../../../bench/suite';
import type { Suite } from '../../../bench/suite';

const FOLDER = resolve(import.meta.dirname, '../../../bench/suites');

function frozen(name: string): Suite {
  return parseSuite(readFileSync(resolve(FOLDER, name), 'utf8'));
}

function kindsOf({ questions }: Suite): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of questions) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

describe('people.json', () => {
  const suite = frozen('people.json');

  it('has its facts and kinds', () => {
    expect(suite.concepts.flatMap(({ facts }) => facts)).toHaveLength(191);
    expect(kindsOf(suite)).toEqual({ fact: 193, followup: 49, nearmiss: 50, absent: 42, two: 26 });
  });

  it('has each answer in a fact of a concept it names', () => {
    for (const { id, answer, concepts = [] } of suite.questions) {
      if (answer === null) continue;
      const facts = suite.concepts.filter((concept) => concepts.includes(concept.id)).flatMap((one) => one.facts);
      for (const entry of typeof answer === 'string' ? [answer] : answer) {
        const holds = facts.some((fact) => isRight(fact, { answer: entry, distractors: [], names: [] }));
        expect(holds, `${id}: ${entry}`).toBe(true);
      }
    }
  });

  it('knows nothing of what is absent', () => {
    const unknown = suite.questions.filter(({ kind }) => kind === 'absent' || kind === 'nearmiss');
    expect(unknown.every(({ answer }) => answer === null)).toBe(true);
  });
});

describe('looks.json', () => {
  const suite = frozen('looks.json');

  it('has its kinds, and no memory', () => {
    expect(suite.concepts).toEqual([]);
    expect(kindsOf(suite)).toEqual({ 'part-colour': 72, 'part-kind': 64, place: 72 });
  });

  it('has a photo of its own for each question, small enough for git', () => {
    const photos = new Set(suite.questions.map(({ photo }) => photo));
    expect(photos.size).toBe(suite.questions.length);
    const bytes = [...photos].reduce((sum, photo) => sum + statSync(resolve(FOLDER, photo ?? '')).size, 0);
    expect(bytes).toBeLessThan(2.5e6);
  });

  it('says yes as often as no, of each place and in each wording', () => {
    const balance = new Map<string, number>();
    for (const { kind, text, answer } of suite.questions) {
      if (kind !== 'place') continue;
      const place = /(?:on|in) the [a-z ]+$/.exec(text.replace('?', ''))?.[0] ?? text;
      for (const key of [place, text.slice(0, 7)]) {
        balance.set(key, (balance.get(key) ?? 0) + (answer === 'yes' ? 1 : -1));
      }
    }
    expect(balance.size).toBeGreaterThan(7);
    expect([...balance.values()].every((more) => more === 0)).toBe(true);
  });
});

describe('real-list.json', () => {
  const list = JSON.parse(readFileSync(resolve(FOLDER, 'real-list.json'), 'utf8')) as { questions: object[] };
  const suite = parseSuite(JSON.stringify({ concepts: [], questions: list.questions }));

  it('has its kinds', () => {
    expect(kindsOf(suite)).toEqual({ 'real-category': 186, 'real-colour': 85 });
  });

  it('calls none of its own answers wrong', () => {
    for (const { id, answer, options = [] } of suite.questions) {
      const accepted = typeof answer === 'string' ? answer.split('|') : [];
      for (const answer of accepted) {
        const expected = { answer: accepted.join('|'), distractors: options, names: [] };
        expect(isRight(`This is a ${answer}.`, expected), `${id}: ${answer}`).toBe(true);
      }
    }
  });
});
