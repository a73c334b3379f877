// Stage 4, store: what is stale, what goes first when space is short, and what memory holds. Pure decisions; storage/ acts.

import type { BlockKey, BlockSource, Fingerprint } from '../types';
import { sourceId } from './encode';

/** A block without its bytes, as MemoryPort.listBlocks gives it. */
export interface StoredBlock {
  readonly key: BlockKey;
  readonly source: BlockSource;
  readonly model: Fingerprint;
  readonly tokens: number;
  readonly bytes: number;
  readonly usedAt: number; // ms since epoch
  readonly uses: number; // questions answered with it
}

/** Derived records stay under this share of the quota: sources must always find room. */
export const DERIVED_SHARE = 0.5;

/** Sources that have blocks of other models or prompts only, by one of these blocks each: what is to be made for this model. */
export function staleBlocks(blocks: readonly StoredBlock[], model: Fingerprint): StoredBlock[] {
  const made = new Set(blocks.flatMap((block) => (block.model === model ? [sourceId(block.source)] : [])));
  const others = blocks.filter(({ source }) => !made.has(sourceId(source)));
  return [...new Map(others.map((block) => [sourceId(block.source), block])).values()];
}

/** How many sources have blocks, whoever made them. */
export function countSources(blocks: readonly StoredBlock[]): number {
  return new Set(blocks.map(({ source }) => sourceId(source))).size;
}

/**
 * Concepts in the order in which their records should be rebuilt: most used first, then last used, then by id. A concept was used as
 * often as the most used of its blocks: a question links a card with every fact, so a sum would favour those with many.
 */
export function rebuildOrder(blocks: readonly StoredBlock[]): BlockSource['conceptId'][] {
  const uses = new Map<BlockSource['conceptId'], { uses: number; usedAt: number }>();
  for (const { source, ...block } of blocks) {
    const known = uses.get(source.conceptId) ?? { uses: 0, usedAt: 0 };
    uses.set(source.conceptId, {
      uses: Math.max(block.uses, known.uses),
      usedAt: Math.max(block.usedAt, known.usedAt),
    });
  }
  return [...uses]
    .sort(([idA, a], [idB, b]) => b.uses - a.uses || b.usedAt - a.usedAt || idA.localeCompare(idB))
    .map(([id]) => id);
}

/**
 * Keys to delete so that the rest is at most `budgetBytes`: stale ones first, then least recently used; on a tie the larger
 * one, so that fewer go. Keys in `keep` stay whatever happens.
 */
export function planEviction(
  blocks: readonly StoredBlock[],
  budgetBytes: number,
  model: Fingerprint,
  keep: ReadonlySet<BlockKey> = new Set(),
): BlockKey[] {
  let total = blocks.reduce((sum, block) => sum + block.bytes, 0);
  const stale = (block: StoredBlock): number => (block.model === model ? 1 : 0);
  const order = blocks
    .filter((block) => !keep.has(block.key))
    .sort((a, b) => stale(a) - stale(b) || a.usedAt - b.usedAt || b.bytes - a.bytes || a.key.localeCompare(b.key));
  const gone: BlockKey[] = [];
  for (const block of order) {
    if (total <= budgetBytes) break;
    gone.push(block.key);
    total -= block.bytes;
  }
  return gone;
}

/** Bytes of derived blocks per concept. */
export function bytesByConcept(blocks: readonly StoredBlock[]): Map<BlockSource['conceptId'], number> {
  const sums = new Map<BlockSource['conceptId'], number>();
  for (const { source, bytes } of blocks) sums.set(source.conceptId, (sums.get(source.conceptId) ?? 0) + bytes);
  return sums;
}
