// Models from the hub in IndexedDB: a database of its own beside memory, so that neither can harm the other.
//
// [Note: Where models lie] Pieces of 4 MB as ArrayBuffers. A piece and the record that counts it are one transaction, so a
// download goes on at the byte where a closed tab left it; Cache Storage takes whole responses only, and OPFS is missing in some
// browsers and in private windows. Chromium writes large values to files of their own, so reading is as fast as from files.

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import * as v from 'valibot';
import { AppError, ERROR_CODES } from '../core/errors';
import { type KeptModel, type ModelKey, type ModelStore, withFile } from '../core/kept-models';
import { MODEL_DTYPES } from '../core/model-choice';

const NAME = 'jarvis-models';

interface Schema extends DBSchema {
  models: { key: ModelKey; value: KeptModel };
  pieces: { key: [ModelKey, string, number]; value: ArrayBuffer };
  notes: { key: string; value: unknown };
}

const Bytes = v.pipe(v.number(), v.integer(), v.minValue(0));
const FileSchema = v.object({
  name: v.string(),
  size: Bytes,
  sha256: v.optional(v.string()),
  gitSha1: v.optional(v.string()),
  etag: v.optional(v.string()),
  received: Bytes,
  chunks: Bytes,
  isChecked: v.boolean(),
});
const ModelSchema = v.object({
  key: v.string(),
  id: v.string(),
  dtype: v.picklist(MODEL_DTYPES),
  repo: v.string(),
  revision: v.string(),
  state: v.picklist(['listing', 'downloading', 'waiting', 'checking', 'paused', 'stopped', 'ready']),
  problem: v.optional(v.object({ code: v.picklist(ERROR_CODES), message: v.string() })),
  files: v.array(FileSchema),
  addedAt: v.number(),
  usedAt: v.number(),
});

export async function openModelStore(name = NAME): Promise<ModelStore> {
  let db: IDBPDatabase<Schema>;
  try {
    db = await openDB<Schema>(name, 1, {
      upgrade(created) {
        created.createObjectStore('models', { keyPath: 'key' });
        created.createObjectStore('pieces');
        created.createObjectStore('notes');
      },
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
  } catch (cause) {
    throw fault(cause);
  }

  async function change(
    key: ModelKey,
    stores: ('models' | 'pieces')[],
    work: (model: KeptModel, tx: { pieces: Pieces }) => Promise<KeptModel> | KeptModel,
  ): Promise<KeptModel | undefined> {
    return guard(async () => {
      const tx = db.transaction(stores, 'readwrite');
      tx.done.catch(() => undefined); // awaited below, unless a write before it throws
      const model = parse(await tx.objectStore('models').get(key));
      if (model === undefined) return undefined;
      const pieces: Pieces = {
        put: async (file, index, bytes) => {
          await tx.objectStore('pieces').put(bytes, [key, file, index]);
        },
        clear: (file) => tx.objectStore('pieces').delete(piecesOf(key, file)),
      };
      const next = await work(model, { pieces });
      await tx.objectStore('models').put(next);
      await tx.done;
      return next;
    });
  }

  return {
    list: () => guard(async () => (await db.getAll('models')).flatMap((value) => parse(value) ?? [])),
    read: (key) => guard(async () => parse(await db.get('models', key))),
    save: (model) =>
      guard(async () => {
        await db.put('models', model);
      }),
    change: (key, edit) => change(key, ['models'], edit),
    append: (key, file, bytes) =>
      change(key, ['models', 'pieces'], async (model, { pieces }) => {
        const at = model.files.find(({ name: other }) => other === file);
        if (at === undefined) return model;
        await pieces.put(file, at.chunks, bytes);
        return withFile(model, file, { received: at.received + bytes.byteLength, chunks: at.chunks + 1 });
      }),
    restart: (key, file) =>
      change(key, ['models', 'pieces'], async (model, { pieces }) => {
        await pieces.clear(file);
        return withFile(model, file, { received: 0, chunks: 0, etag: undefined, isChecked: false });
      }),
    async *pieces(key, file) {
      const keys = await guard(() => db.getAllKeys('pieces', piecesOf(key, file)));
      for (const piece of keys) {
        const bytes = await guard(() => db.get('pieces', piece));
        if (!(bytes instanceof ArrayBuffer)) throw new AppError('storage', `A piece of ${file} is gone.`);
        yield bytes;
      }
    },
    remove: (key) =>
      guard(async () => {
        const tx = db.transaction(['models', 'pieces'], 'readwrite');
        await Promise.all([
          tx.objectStore('models').delete(key),
          tx.objectStore('pieces').delete(IDBKeyRange.bound([key], [key, []])),
          tx.done,
        ]);
      }),
    readNote: (note) => guard(() => db.get('notes', note)),
    saveNote: (note, value) =>
      guard(async () => {
        await db.put('notes', value, note);
      }),
    close: () => db.close(),
  };
}

interface Pieces {
  put(file: string, index: number, bytes: ArrayBuffer): Promise<void>;
  clear(file: string): Promise<void>;
}

/** Every piece of a file: numbers sort before arrays in IndexedDB's keys. */
function piecesOf(key: ModelKey, file: string): IDBKeyRange {
  return IDBKeyRange.bound([key, file], [key, file, []]);
}

/** A record that is not as expected counts as missing: the model is offered for download again. */
function parse(value: unknown): KeptModel | undefined {
  const result = v.safeParse(ModelSchema, value);
  if (!result.success) return undefined;
  const { files, problem, ...model } = result.output;
  return {
    ...model,
    problem,
    files: files.map(({ sha256, gitSha1, etag, ...file }) => ({ ...file, sha256, gitSha1, etag })),
  };
}

async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw fault(cause);
  }
}

function fault(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
    return new AppError('storage-full', 'The disk, or what this browser may use of it, is full.', { cause });
  }
  return new AppError('storage', 'The browser refused to keep a part of the model.', { cause });
}
