// The budget, the order, and what is stored: stale, evicted, summed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, hitSetId } from '../../../src/core/stages/assemble';
import { cardOfName } from '../../../src/core/stages/encode';
import {
  bytesByConcept,
  planEviction,
  rebuildOrder,
  staleBlocks,
  type StoredBlock,
} from '../../../src/core/stages/store';
import type { BlockKey, Concept, ConceptId, FactId, Fingerprint, Hit, PatchId, PhotoId } from '../../../src/core/types';

const concepts: Concept[] = ['a', 'b', 'c'].map((name, i) => ({
  id: name as ConceptId,
  name,
  aliases: [],
  card: name === 'c' ? undefined : cardOfName(name),
  createdAt: 10 - i,
  updatedAt: 1,
}));
const conceptHit = (id: string, score = 1): Hit => ({ kind: 'concept', conceptId: id as ConceptId, score, by: 'name' });
const factHit = (id: string, fact: string, score: number): Hit => ({
  kind: 'fact',
  conceptId: id as ConceptId,
  factId: fact as FactId,
  score,
  by: 'text',
});
const patchHit = (id: string): Hit => ({
  kind: 'patch',
  conceptId: id as ConceptId,
  photoId: 'p' as PhotoId,
  patchId: `${id}-q` as PatchId,
  score: 9,
  by: 'photo',
});
const room = (budget: number): Parameters<typeof assemble>[3] => ({
  maxTokens: budget + 30,
  prefixTokens: 10,
  turnTokens: 20,
});
const hits = [
  conceptHit('a'),
  conceptHit('b'),
  patchHit('a'),
  factHit('a', 'f1', 1),
  factHit('b', 'f2', 3),
  factHit('b', 'f3', 2),
];

describe('assemble', () => {
  it('orders by memory, not by score: concepts as created; card, facts, patches', () => {
    const { sources, dropped } = assemble(hits, concepts, () => 10, room(1000));
    expect(hitSetId(sources)).toBe('card/b fact/f2 fact/f3 card/a fact/f1 patch/a-q');
    expect(dropped).toEqual([]);
    expect(hitSetId(assemble([...hits].reverse(), concepts, () => 10, room(1000)).sources)).toBe(hitSetId(sources));
  });

  it('orders facts as they were written, whatever their ids', () => {
    const facts = ['f3', 'f2', 'f1'].map((id, i) => ({
      id: id as FactId,
      conceptId: 'b' as ConceptId,
      text: '',
      createdAt: i,
    }));
    const { sources } = assemble(hits, concepts, () => 10, room(1000), facts);
    expect(hitSetId(sources)).toBe('card/b fact/f3 fact/f2 card/a fact/f1 patch/a-q');
  });

  it('keeps the best when room is short: cards, then facts by score, then patches', () => {
    const { sources, dropped, tokens } = assemble(hits, concepts, () => 10, room(40));
    expect(hitSetId(sources)).toBe('card/b fact/f2 fact/f3 card/a');
    expect(hitSetId(dropped)).toBe('fact/f1 patch/a-q');
    expect(tokens).toBe(40);
  });

  it('never goes over the budget, links nothing twice, loses nothing', () => {
    const size = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...hits), size), { maxLength: 12 }),
        fc.integer({ min: 0, max: 200 }),
        (picked, budget) => {
          const sizes = new Map(picked.map(([hit, tokens]) => [hit, tokens]));
          const chosen = [...sizes.keys()];
          const { sources, dropped, tokens } = assemble(
            chosen,
            concepts,
            (source) => (source.conceptId === 'a' ? 7 : 31),
            room(budget),
          );
          expect(tokens).toBeLessThanOrEqual(Math.max(0, budget));
          expect(new Set(hitSetId(sources).split(' ')).size).toBe(Math.max(1, sources.length));
          expect(sources.length + dropped.length).toBe(chosen.length);
        },
      ),
      { seed: 13 },
    );
  });

  it('leaves out cards that are not made yet and concepts that are gone', () => {
    expect(assemble([conceptHit('c'), conceptHit('gone')], concepts, () => 1, room(100)).sources).toEqual([]);
  });
});

describe('store', () => {
  const block = (
    key: string,
    conceptId: string,
    bytes: number,
    usedAt: number,
    model = 'now',
    uses = 0,
  ): StoredBlock => ({
    key: key as BlockKey,
    source: { kind: 'card', conceptId: conceptId as ConceptId },
    model: model as Fingerprint,
    tokens: 1,
    bytes,
    usedAt,
    uses,
  });
  const now = 'now' as Fingerprint;
  const blocks = [
    block('k1', 'a', 10, 5),
    block('k2', 'b', 20, 1),
    block('k3', 'a', 30, 9, 'old'),
    block('k4', 'c', 5, 1),
  ];

  it('knows what only another model made', () => {
    const alone = block('k5', 'd', 1, 1, 'old');
    expect(staleBlocks([...blocks, alone], now)).toEqual([alone]); // k3 stands beside k1, of the same source
  });

  it('evicts the stale, then the longest unused, and only what is needed', () => {
    expect(planEviction(blocks, 65, now)).toEqual([]);
    expect(planEviction(blocks, 64, now)).toEqual(['k3']);
    expect(planEviction(blocks, 20, now)).toEqual(['k3', 'k2']);
    expect(planEviction(blocks, 0, now, new Set(['k1' as BlockKey]))).toEqual(['k3', 'k2', 'k4']);
  });

  it('rebuilds the most used first, then the last used, and sums bytes by concept', () => {
    expect(rebuildOrder(blocks)).toEqual(['a', 'b', 'c']);
    const often = [
      block('k5', 'c', 5, 1, 'old', 3),
      block('k6', 'b', 5, 1, 'now', 2),
      block('k7', 'b', 5, 1, 'now', 2),
    ];
    expect(rebuildOrder([...blocks, ...often])).toEqual(['c', 'b', 'a']);
    expect(bytesByConcept(blocks)).toEqual(
      new Map([
        ['a', 40],
        ['b', 20],
        ['c', 5],
      ]),
    );
  });
});
