// The frozen suites stay what they were when training began: their size, and answers that memory really holds.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRight } from '../../../bench/score';
import { parseSuite } from '../../../bench/suite';
import type { Suite } from '../../../bench/suite';

function frozen(name: string): Suite {
  return parseSuite(readFileSync(resolve(import.meta.dirname, '../../../bench/suites', name), 'utf8'));
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
