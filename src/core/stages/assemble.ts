// Stage 6, assemble: which blocks go behind the prefix, in which order, under one token budget. Linking is kv-block.ts.

import type { BlockSource, Concept, ConceptId, Fact, Hit } from '../types';
import { sourceId } from './encode';

export interface AssembleOptions {
  readonly maxTokens: number; // positions the model was made for
  readonly prefixTokens: number;
  readonly turnTokens: number; // kept free for the question, a photo and the answer
  readonly memoryTokens?: number | undefined; // at most
}

export interface Assembled {
  readonly sources: readonly BlockSource[]; // in linking order
  readonly dropped: readonly BlockSource[]; // best first
  readonly tokens: number; // linked, without the prefix
}

/** Behind an answer stand its end mark and a line break, which the next turn of a chat comes after. */
export const END_TOKENS = 3;

/**
 * Fills the budget best first (cards of hit concepts, then facts, then patches, each by score), then puts what was kept into
 * an order that depends on memory alone: concepts as they were created; card, facts as they were written, patches. The same hits therefore
 * give the same cache, and a chat can keep it. `tokensOf` gives a block's length; unknown blocks count as `guess`.
 */
export function assemble(
  hits: readonly Hit[],
  concepts: readonly Concept[],
  tokensOf: (source: BlockSource) => number | undefined,
  options: AssembleOptions,
  facts: readonly Fact[] = [],
): Assembled {
  const { maxTokens, prefixTokens, turnTokens, memoryTokens = Infinity } = options;
  const budget = Math.min(maxTokens - prefixTokens - turnTokens, memoryTokens);
  const known = new Map<ConceptId, Concept>(concepts.map((concept) => [concept.id, concept]));
  const wanted = hits.flatMap((hit) => {
    const concept = known.get(hit.conceptId);
    if (concept === undefined) return [];
    const source = sourceOf(hit);
    return source.kind === 'card' && concept.card === undefined ? [] : [{ source, rank: RANK[source.kind], hit }];
  });
  wanted.sort((a, b) => a.rank - b.rank || b.hit.score - a.hit.score || byId(a.source, b.source));

  const kept: BlockSource[] = [];
  const dropped: BlockSource[] = [];
  const seen = new Set<string>();
  let tokens = 0;
  for (const { source } of wanted) {
    const id = sourceId(source);
    if (seen.has(id)) continue;
    seen.add(id);
    const size = tokensOf(source) ?? GUESS[source.kind];
    if (tokens + size > budget) {
      dropped.push(source);
      continue;
    }
    kept.push(source);
    tokens += size;
  }
  const born = (source: BlockSource): number => known.get(source.conceptId)?.createdAt ?? 0;
  const writtenAt = new Map(facts.map((fact) => [fact.id, fact.createdAt]));
  const written = (source: BlockSource): number => (source.kind === 'fact' ? (writtenAt.get(source.factId) ?? 0) : 0);
  kept.sort(
    (a, b) =>
      born(a) - born(b) ||
      a.conceptId.localeCompare(b.conceptId) ||
      RANK[a.kind] - RANK[b.kind] ||
      written(a) - written(b) ||
      byId(a, b),
  );
  return { sources: kept, dropped, tokens };
}

/**
 * Tokens of each later block that are computed again when blocks are linked (LegoLink's r; src/runtime/repair.ts). The table of
 * docs/kv-memory.md: mini is trained on blocks that do not see each other, and answers worse when they do. Tried: 4, 8, 16, 32.
 */
export const RECOMPUTE = 0;

/** Tokens that this computes again for blocks of these lengths: the first block stands where it was encoded. */
export function recomputedTokens(lengths: readonly number[], recompute: number): number {
  return lengths.slice(1).reduce((sum, length) => sum + Math.min(recompute, length), 0);
}

/** Turns are dropped so many at a time: dropping one at every question would have all the others read again each time. */
const TURNS_AT_ONCE = 4;

/**
 * How many of a chat's earlier turns are left out, oldest first, so that the others fit `budget` tokens. `lengths` are their
 * tokens, oldest first. Hits come before turns: the budget is what they left, so turns go first and hits go last.
 */
export function turnsToDrop(lengths: readonly number[], budget: number): number {
  let total = lengths.reduce((sum, length) => sum + length, 0);
  let dropped = 0;
  while (dropped < lengths.length && total > budget) {
    for (let i = 0; i < TURNS_AT_ONCE && dropped < lengths.length; i++) total -= lengths[dropped++] ?? 0;
  }
  return dropped;
}

/** One name for a set of linked blocks: a chat's live cache stays while it is the same. */
export function hitSetId(sources: readonly BlockSource[]): string {
  return sources.map(sourceId).join(' ');
}

const RANK = { card: 0, fact: 1, patch: 2 } as const;
// Until a block exists its length is guessed from mini's tokenizer: a card of 25 words, a sentence, 16 visual tokens and a line.
const GUESS = { card: 60, fact: 32, patch: 28 } as const;

function sourceOf(hit: Hit): BlockSource {
  switch (hit.kind) {
    case 'concept':
      return { kind: 'card', conceptId: hit.conceptId };
    case 'fact':
      return { kind: 'fact', conceptId: hit.conceptId, factId: hit.factId };
    case 'patch':
      return { kind: 'patch', conceptId: hit.conceptId, photoId: hit.photoId, patchId: hit.patchId };
    default:
      return hit satisfies never;
  }
}

function byId(a: BlockSource, b: BlockSource): number {
  const [first, second] = [sourceId(a), sourceId(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}
