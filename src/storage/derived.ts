// What can be computed again: patches, vectors and KV blocks.
//
// [Note: Late writes]
//
// A job that was running while its photo, fact or concept was deleted still saves what it made. Such a write is dropped
// here, inside the transaction that would make it, so that deleting a concept leaves no derived byte behind whatever
// was under way.

import type { BlockKey, BlockRecord, BlockSource, ConceptId, FactId, PatchId, PhotoId } from '../core/types';
import type { MemoryPort } from '../pipeline/ports';
import type { Connection } from './connection';
import { put } from './db';
import type { WriteTx } from './db';
import { weightOf } from './quota';
import { blockSchema, parse, parseAll, patchSchema, vectorsSchema } from './records';
import type { Report } from './records';

type DerivedPort = Pick<
  MemoryPort,
  | 'listPatches'
  | 'replacePatches'
  | 'readVectors'
  | 'saveVectors'
  | 'readBlocks'
  | 'saveBlocks'
  | 'listBlocks'
  | 'noteUse'
  | 'deleteBlocks'
>;

export function derivedIn(connection: Connection, report: Report, now: () => number): DerivedPort {
  return {
    async listPatches(conceptId) {
      const values = await connection.read(['patches'], (tx) =>
        conceptId === undefined
          ? tx.objectStore('patches').getAll()
          : tx.objectStore('patches').index('byConcept').getAll(conceptId),
      );
      return parseAll(patchSchema, 'patches', values, report);
    },

    async replacePatches(photoId, patches) {
      await connection.write(['photos', 'patches', 'blocks', 'blockBytes'], async (tx) => {
        if ((await tx.objectStore('photos').getKey(photoId)) === undefined) return; // [Note: Late writes]
        const kept = new Set(patches.map(({ id }) => id));
        const before = await tx.objectStore('patches').index('byPhoto').getAllKeys(photoId);
        const gone = before.filter((id) => !kept.has(id));
        await Promise.all([
          ...gone.map((id) => tx.objectStore('patches').delete(id)),
          ...gone.map((id) => deleteBlocksOf(tx, 'byPatch', id)),
          ...patches.map((patch) => put(tx, 'patches', patch)),
        ]);
      });
    },

    async readVectors(ids) {
      const values = await connection.read(['vectors'], (tx) => {
        const store = tx.objectStore('vectors');
        return ids === undefined ? store.getAll() : Promise.all(ids.map((id) => store.get(id)));
      });
      return parseAll(vectorsSchema, 'vectors', values.filter(Boolean), report);
    },

    async saveVectors(vectors) {
      const bytes = weightOf(vectors);
      await connection.write(
        ['photos', 'vectors'],
        async (tx) => {
          if ((await tx.objectStore('photos').getKey(vectors.photoId)) === undefined) return; // [Note: Late writes]
          await put(tx, 'vectors', { ...vectors, bytes, savedAt: now() });
        },
        { bytes, from: ['blocks'] },
      );
    },

    async readBlocks(keys) {
      const found = new Map<BlockKey, BlockRecord>();
      await connection.read(['blocks', 'blockBytes'], async (tx) => {
        const heads = tx.objectStore('blocks');
        await Promise.all(
          keys.map(async (key) => {
            const [value, bytes] = await Promise.all([heads.get(key), tx.objectStore('blockBytes').get(key)]);
            const head = value && parse(blockSchema, 'blocks', value, report);
            if (!head || !(bytes instanceof ArrayBuffer)) return; // missing: the caller encodes it again
            found.set(key, { ...head, bytes });
          }),
        );
      });
      return found;
    },

    async saveBlocks(blocks) {
      await connection.write(
        ['concepts', 'facts', 'photos', 'blocks', 'blockBytes'],
        (tx) =>
          Promise.all(
            blocks.map(async ({ bytes, ...head }) => {
              if (!(await hasOwner(tx, head.source))) return; // [Note: Late writes]
              await Promise.all([
                put(tx, 'blocks', { ...head, bytes: bytes.byteLength }),
                put(tx, 'blockBytes', bytes, head.key),
              ]);
            }),
          ),
        { bytes: weightOf(blocks.map(({ bytes }) => bytes)), from: ['blocks'] },
      );
    },

    async listBlocks() {
      const values = await connection.read(['blocks'], (tx) => tx.objectStore('blocks').getAll());
      return parseAll(blockSchema, 'blocks', values, report);
    },

    async noteUse(keys) {
      await connection.write(['blocks'], async (tx) => {
        const values = await Promise.all(keys.map((key) => tx.objectStore('blocks').get(key)));
        const heads = parseAll(blockSchema, 'blocks', values.filter(Boolean), report);
        await Promise.all(heads.map((head) => put(tx, 'blocks', { ...head, uses: head.uses + 1, usedAt: now() })));
      });
    },

    async deleteBlocks(keys) {
      await connection.write(['blocks', 'blockBytes'], (tx) => Promise.all(keys.flatMap((key) => removals(tx, key))));
    },
  };
}

type Owner = { byConcept: ConceptId; byFact: FactId; byPhoto: PhotoId; byPatch: PatchId };

/** Deletes the blocks of one concept, fact, photo or patch, inside a transaction over `blocks` and `blockBytes`. */
export async function deleteBlocksOf<By extends keyof Owner>(tx: WriteTx, by: By, id: Owner[By]): Promise<void> {
  const keys = await tx.objectStore('blocks').index(by).getAllKeys(IDBKeyRange.only(id));
  await Promise.all(keys.flatMap((key) => removals(tx, key)));
}

function removals(tx: WriteTx, key: BlockKey): Promise<void>[] {
  return [tx.objectStore('blocks').delete(key), tx.objectStore('blockBytes').delete(key)];
}

async function hasOwner(tx: WriteTx, source: BlockSource): Promise<boolean> {
  const [concept, part] = await Promise.all([
    tx.objectStore('concepts').getKey(source.conceptId),
    source.kind === 'card'
      ? source.conceptId
      : source.kind === 'fact'
        ? tx.objectStore('facts').getKey(source.factId)
        : tx.objectStore('photos').getKey(source.photoId),
  ]);
  return concept !== undefined && part !== undefined;
}
