// Which facts bear on a question, where several things are asked: of one, or of several.
import { describe, expect, it } from 'vitest';
import { bearingFacts, isPartly, likeliestFacts, put, untoldOf, type Put } from '../../../src/core/bearing';
import type { Recall } from '../../../src/core/recall';
import type { ConceptId, Fact, FactId } from '../../../src/core/types';
import type { Judged } from '../../../src/core/unnamed';

const never = new AbortController().signal;
const judgedOf = (id: string, ...odds: number[]): Judged[] =>
  odds.map((one, at) => ({
    fact: { id: `${id}-${at}` as FactId, conceptId: id as ConceptId, text: `${id} ${at}`, createdAt: 0 },
    odds: one,
    score: one,
  }));
const asked = (id: string, ...lists: number[][]): Put => ({
  conceptId: id as ConceptId,
  judged: lists.map((odds, ask) => judgedOf(`${id}${ask}`, ...odds)),
  described: false,
});
const sureOf = (puts: readonly Put[], shared: boolean): Record<string, readonly string[]> =>
  Object.fromEntries([...bearingFacts(puts, shared)].map(([id, { sure }]) => [id, sure]));

describe('facts that bear on a question', () => {
  it('are those likely enough, and near the likeliest', () => {
    const bearing = bearingFacts([asked('bo', [2, 1, -3])], false).get('bo' as ConceptId);
    expect(bearing?.facts.map(({ odds }) => odds)).toEqual([2, 1]);
    expect(bearing?.sure).toEqual(['bo0-0']);
    expect(sureOf([asked('bo', [-1])], false)).toEqual({ bo: [] });
  });

  it('may be less likely where the same is asked of another, of whom it is known', () => {
    const puts = [asked('bo', [1]), asked('mia', [-2])];
    expect(sureOf(puts, true)).toEqual({ bo: ['bo0-0'], mia: ['mia0-0'] });
    expect(sureOf(puts, false)).toEqual({ bo: ['bo0-0'], mia: [] }); // "Does Bo like Mia?"
    expect(sureOf([asked('bo', [1]), asked('mia', [-3])], true)).toEqual({ bo: ['bo0-0'], mia: [] });
    expect(sureOf([asked('bo', [-2]), asked('mia', [-2])], true)).toEqual({ bo: [], mia: [] });
    expect(sureOf([asked('bo', [0]), asked('mia', [])], true)).toEqual({ bo: ['bo0-0'], mia: [] });
  });

  it('answer each thing that is asked of one', () => {
    const bearing = bearingFacts([asked('bo', [2, 1.5], [3])], false).get('bo' as ConceptId);
    expect(bearing?.sure).toEqual(['bo0-0', 'bo1-0']);
    expect(bearing?.facts.map(({ fact }) => fact.id)).toEqual(['bo0-0', 'bo1-0', 'bo0-1']); // in turn
  });

  it('may answer a part of what is asked of one', () => {
    const partly = (...lists: number[][]): boolean => isPartly(bearingFacts([asked('bo', ...lists)], false));
    expect(partly([2], [-9])).toBe(true);
    expect(partly([2], [1])).toBe(false);
    expect(partly([-9], [-9])).toBe(false);
  });

  it('are all linked and none is sure without the check', () => {
    const bearing = likeliestFacts([asked('bo', [2, -8])]).get('bo' as ConceptId);
    expect(bearing?.facts).toHaveLength(2);
    expect(bearing?.sure).toEqual([]);
  });

  it('leave untold whom nothing answers for, where something does for another', () => {
    const bearing = bearingFacts([asked('bo', [1]), asked('mia', [-9])], true);
    expect(untoldOf(bearing, true)).toEqual(['mia']);
    expect(untoldOf(bearing, false)).toEqual([]);
    expect(untoldOf(bearingFacts([asked('bo', [-9]), asked('mia', [-9])], true), true)).toEqual([]);
  });
});

it('a fact counts by the wording that suits it best', async () => {
  const facts: Fact[] = ['paid 140', 'blue'].map((text, at) => ({
    ...{ id: `f${at}` as FactId, conceptId: 'bike' as ConceptId, text, createdAt: 0 },
  }));
  const recall: Recall = {
    odds: (question, texts) =>
      Promise.resolve(texts.map((text) => (question.includes('paid') && text.includes('paid') ? 2 : -4))),
    nearest: () => Promise.resolve([]),
    prepare: () => Promise.resolve(),
  };
  const { judged } = await put(
    recall,
    [['How much did it cost?', 'What was paid for it?'], ['Where is it?']],
    facts,
    undefined,
    never,
  );
  expect(judged.map((list) => list[0]?.odds)).toEqual([2, -4]);
  expect(judged[0]?.[0]?.fact.text).toBe('paid 140');
});
