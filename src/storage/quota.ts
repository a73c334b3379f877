// What memory weighs, and what goes first when the disk is full.

import type { MemoryUsage } from '../pipeline/ports';
import type { ReadTx, WriteTx } from './db';

/**
 * [Note: Eviction]
 *
 * Derived records may be dropped at any time, sources never. Blocks go first, least recently used first: a missing block
 * costs one prefill the next time it is asked for. Vectors go only for a source's sake, oldest first: without them a
 * photo is not recognised until it is encoded again. A write of derived records never evicts vectors, or two photos
 * could push each other out for ever.
 */
export type Evictable = 'blocks' | 'vectors';

/** Browsers free deleted bytes late, and a write costs more than its payload: make twice the room, at least this. */
const LEAST_ROOM_BYTES = 1024 * 1024;

/** Deletes derived records until `2 * bytes` are free. Returns the bytes freed. */
export async function evict(
  tx: WriteTx,
  { bytes, from }: { bytes: number; from: readonly Evictable[] },
): Promise<number> {
  const target = Math.max(2 * bytes, LEAST_ROOM_BYTES);
  let freed = 0;
  if (from.includes('blocks')) {
    let cursor = await tx.objectStore('blocks').index('byUsedAt').openCursor();
    while (cursor && freed < target) {
      freed += cursor.value.bytes;
      await Promise.all([cursor.delete(), tx.objectStore('blockBytes').delete(cursor.primaryKey)]);
      cursor = await cursor.continue();
    }
  }
  if (from.includes('vectors') && freed < target) {
    let cursor = await tx.objectStore('vectors').index('bySavedAt').openCursor();
    while (cursor && freed < target) {
      freed += cursor.value.bytes;
      await cursor.delete();
      cursor = await cursor.continue();
    }
  }
  return freed;
}

/** Sizes without reading a photo, a block or a vector. */
export async function weigh(tx: ReadTx): Promise<Omit<MemoryUsage, 'quotaBytes'>> {
  const [photos, blocks, vectorsBytes, chatsBytes] = await Promise.all([
    tx.objectStore('photos').getAll(),
    tx.objectStore('blocks').getAll(),
    sumOfIndex(tx, 'vectors'),
    sumOfIndex(tx, 'chats'),
  ]);
  return { photosBytes: sum(photos), blocksBytes: sum(blocks), vectorsBytes, chatsBytes };
}

/** What this origin may use; undefined where the browser does not say. */
export async function readQuota(): Promise<number | undefined> {
  if (typeof navigator === 'undefined' || !('storage' in navigator)) return undefined;
  try {
    return (await navigator.storage.estimate()).quota;
  } catch (cause) {
    if (cause instanceof TypeError) return undefined; // opaque origins and some private windows refuse
    throw cause;
  }
}

/** Bytes in the buffers of a record, however deep; text and numbers count by their JSON. */
export function weightOf(value: unknown): number {
  if (value instanceof ArrayBuffer) return value.byteLength;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((total, item) => total + weightOf(item), 0);
  if (typeof value === 'object' && value !== null) return weightOf(Object.values(value));
  return typeof value === 'string' ? value.length : 8;
}

async function sumOfIndex(tx: ReadTx, store: 'vectors' | 'chats'): Promise<number> {
  let total = 0;
  let cursor = await tx.objectStore(store).index('byBytes').openKeyCursor();
  while (cursor) {
    total += cursor.key;
    cursor = await cursor.continue();
  }
  return total;
}

function sum(records: readonly { readonly bytes: number }[]): number {
  return records.reduce((total, { bytes }) => total + (Number.isFinite(bytes) ? bytes : 0), 0);
}
