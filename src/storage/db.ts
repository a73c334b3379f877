// The database: what is stored where, and how an old one becomes a new one.
//
// [Note: Schema]
//
// | store      | key     | indexes                                      | value                          | kind        |
// | ---------- | ------- | -------------------------------------------- | ------------------------------ | ----------- |
// | concepts   | id      |                                              | Concept                        | source      |
// | facts      | id      | byConcept                                    | Fact                           | source      |
// | photos     | id      | byConcept                                    | Photo                          | source      |
// | photoBytes | (id)    |                                              | ArrayBuffer, the image file    | source      |
// | patches    | id      | byConcept byPhoto                            | Patch                          | by: 'user' is a source, the miner's are derived |
// | vectors    | photoId | byConcept bySavedAt byBytes                  | PhotoVectors, bytes, savedAt   | derived     |
// | blocks     | key     | byConcept byFact byPhoto byPatch byUsedAt    | BlockHead                      | derived     |
// | blockBytes | (key)   |                                              | ArrayBuffer, the JKV1 form     | derived     |
// | jobs       | photoId | byConcept                                    | PhotoJob                       | journal     |
// | chats      | id      | byBytes                                      | Chat, bytes                    | source      |
// | settings   | (name)  |                                              | unknown, parsed by the caller  | source      |
//
// A key in brackets is given beside the value. Big bytes have stores of their own, so that lists and sums never read
// them; `byBytes` is there to be walked with a key cursor, which reads sizes without the values.
//
// [Note: Migrations]
//
// `MIGRATIONS[i]` turns version i into i + 1. The list is append-only: what has shipped is never edited, and every
// version that shipped keeps a saved database under test/unit/storage/fixtures that must open with today's code. A
// migration may only await the transaction it is given. Derived stores may simply be cleared: they are rebuilt.

import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { AppError } from '../core/errors';
import type {
  BlockKey,
  BlockRecord,
  Chat,
  ChatId,
  Concept,
  ConceptId,
  Fact,
  FactId,
  Patch,
  PatchId,
  Photo,
  PhotoId,
  PhotoJob,
  PhotoVectors,
} from '../core/types';

export const DATABASE_NAME = 'jarvis';

/** A block without its bytes. */
export type BlockHead = Omit<BlockRecord, 'bytes'> & { readonly bytes: number };

export interface Schema extends DBSchema {
  concepts: { key: ConceptId; value: Concept };
  facts: { key: FactId; value: Fact; indexes: { byConcept: ConceptId } };
  photos: { key: PhotoId; value: Photo; indexes: { byConcept: ConceptId } };
  photoBytes: { key: PhotoId; value: ArrayBuffer };
  patches: { key: PatchId; value: Patch; indexes: { byConcept: ConceptId; byPhoto: PhotoId } };
  vectors: {
    key: PhotoId;
    value: PhotoVectors & { readonly bytes: number; readonly savedAt: number };
    indexes: { byConcept: ConceptId; bySavedAt: number; byBytes: number };
  };
  blocks: {
    key: BlockKey;
    value: BlockHead;
    indexes: { byConcept: ConceptId; byFact: FactId; byPhoto: PhotoId; byPatch: PatchId; byUsedAt: number };
  };
  blockBytes: { key: BlockKey; value: ArrayBuffer };
  jobs: { key: PhotoId; value: PhotoJob; indexes: { byConcept: ConceptId } };
  chats: { key: ChatId; value: Chat & { readonly bytes: number }; indexes: { byBytes: number } };
  settings: { key: string; value: unknown };
}

export type StoreName =
  | 'concepts'
  | 'facts'
  | 'photos'
  | 'photoBytes'
  | 'patches'
  | 'vectors'
  | 'blocks'
  | 'blockBytes'
  | 'jobs'
  | 'chats'
  | 'settings';

export type Database = IDBPDatabase<Schema>;
export type ReadTx = IDBPTransaction<Schema, StoreName[]>;
export type WriteTx = IDBPTransaction<Schema, StoreName[], 'readwrite'>;

/** Migrations see the database as it was then, so they are typed by nothing that can change later. */
export type Migration = (
  db: IDBPDatabase,
  tx: IDBPTransaction<unknown, string[], 'versionchange'>,
) => Promise<void> | void;

export const MIGRATIONS: readonly Migration[] = [
  function v1(db) {
    const stores: Record<string, { keyPath?: string; indexes?: Record<string, string> }> = {
      concepts: { keyPath: 'id' },
      facts: { keyPath: 'id', indexes: { byConcept: 'conceptId' } },
      photos: { keyPath: 'id', indexes: { byConcept: 'conceptId' } },
      photoBytes: {},
      patches: { keyPath: 'id', indexes: { byConcept: 'conceptId', byPhoto: 'photoId' } },
      vectors: { keyPath: 'photoId', indexes: { byConcept: 'conceptId', bySavedAt: 'savedAt', byBytes: 'bytes' } },
      blocks: {
        keyPath: 'key',
        indexes: {
          byConcept: 'source.conceptId',
          byFact: 'source.factId',
          byPhoto: 'source.photoId',
          byPatch: 'source.patchId',
          byUsedAt: 'usedAt',
        },
      },
      blockBytes: {},
      jobs: { keyPath: 'photoId', indexes: { byConcept: 'conceptId' } },
      chats: { keyPath: 'id', indexes: { byBytes: 'bytes' } },
      settings: {},
    };
    for (const [name, { keyPath, indexes }] of Object.entries(stores)) {
      const store = db.createObjectStore(name, keyPath === undefined ? {} : { keyPath });
      for (const [index, path] of Object.entries(indexes ?? {})) store.createIndex(index, path);
    }
  },

  /** Blocks count the questions they were used for. Those there are of an older JKV1, and wait to be rebuilt in this order. */
  async function v2(_db, tx) {
    let cursor = await tx.objectStore('blocks').openCursor();
    while (cursor) {
      const head = cursor.value as Record<string, unknown>;
      await cursor.update({ ...head, uses: 0 });
      cursor = await cursor.continue();
    }
  },
];

/**
 * `put` throws at once for what cannot be cloned. As a rejection it waits with its siblings in Promise.all, instead of
 * leaving those already made without anyone to catch their abort.
 */
export async function put<Name extends StoreName>(
  tx: WriteTx,
  store: Name,
  value: Schema[Name]['value'],
  key?: Schema[Name]['key'],
): Promise<void> {
  await tx.objectStore(store).put(value, key);
}

export interface OpenOptions {
  readonly name: string;
  readonly migrations: readonly Migration[];
  /** The connection is gone: a newer Jarvis in another tab needs the database, or the browser ended it. */
  readonly onClosed: (why: 'upgrade' | 'terminated') => void;
  /** How long an older tab may take to let go of the database, ms. */
  readonly blockedTimeoutMs: number;
}

/** Opens and migrates. Throws AppError 'storage' with a sentence when another tab is in the way or the page is outdated. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const { name, migrations, onClosed } = options;
  let giveUp: (error: AppError) => void = () => undefined;
  const blockedTooLong = new Promise<never>((_, reject) => (giveUp = reject)); // Node 20 has no Promise.withResolvers
  let failedMigration: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const opening = openDB<Schema>(name, migrations.length, {
    upgrade(db, oldVersion, _newVersion, tx) {
      tx.done.catch(() => undefined); // openDB rejects as well: that one is handled
      void migrate(migrations.slice(oldVersion), db as unknown as IDBPDatabase, tx as never).catch((cause: unknown) => {
        failedMigration = cause;
        tx.abort(); // all or nothing: the old database stays as it was
      });
    },
    blocked() {
      timer = setTimeout(() => giveUp(new AppError('storage', BLOCKED)), options.blockedTimeoutMs);
    },
    blocking(_current, _blocked, event) {
      // Another tab upgrades: holding on would block it for ever. This page's code no longer fits the database.
      (event.target as IDBDatabase).close();
      onClosed('upgrade');
    },
    terminated: () => onClosed('terminated'),
  });
  try {
    return await Promise.race([opening, blockedTooLong]);
  } catch (cause) {
    // If it opens after all, nobody would ever close it.
    opening.then((db) => db.close()).catch(() => undefined);
    if (cause instanceof AppError) throw cause;
    if (failedMigration !== undefined) throw new AppError('storage', UNMIGRATED, { cause: failedMigration });
    const outdated = cause instanceof DOMException && cause.name === 'VersionError';
    throw new AppError('storage', outdated ? OUTDATED : UNOPENED, { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function migrate(
  migrations: readonly Migration[],
  db: IDBPDatabase,
  tx: IDBPTransaction<unknown, string[], 'versionchange'>,
): Promise<void> {
  for (const migration of migrations) await migration(db, tx);
}

const BLOCKED = 'An older Jarvis is open in another tab and holds the memory. Close that tab, then reload this one.';
const OUTDATED = 'This page is older than its memory. Reload it to get the present version.';
const UNMIGRATED =
  'The memory of an older Jarvis could not be brought up to date. It is unchanged; reload to try again.';
const UNOPENED =
  'This browser does not let Jarvis keep anything. Private windows and blocked site data do that; nothing was lost.';
