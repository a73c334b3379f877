// A full disk: derived records make room, least recently used first; what still does not fit fails whole.

import 'fake-indexeddb/auto';
import { IDBObjectStore, IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BlockKey, BlockRecord, Photo, PhotoId } from '../../../src/core/types';
import { openMemory } from '../../../src/storage/memory';
import type { Memory } from '../../../src/storage/memory';
import { aConcept, aFact, aPhoto, blocksOf, enrolInto, vectorsOf } from '../../support/memory-suite';

const MB = 1024 * 1024;
let memory: Memory;

beforeEach(async () => {
  indexedDB = new IDBFactory();
  memory = await openMemory();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await memory.close();
});

describe('a full disk', () => {
  it('drops the least recently used blocks for a new photo', async () => {
    await memory.saveConcept(aConcept('bo'));
    await memory.saveBlocks([block('old', 10, MB), block('older', 5, MB), block('new', 20, 3 * MB)]);
    limitDisk(6 * MB);
    await memory.savePhotos([photo('p', 2 * MB)], []);
    expect((await memory.readPhoto('p' as PhotoId))?.bytes.byteLength).toBe(2 * MB);
    // Twice the photo: the two oldest are 2 MB, so the third went as well.
    expect(await memory.listBlocks()).toEqual([]);
  });

  it('keeps the blocks that were used last', async () => {
    await memory.saveConcept(aConcept('bo'));
    await memory.saveBlocks([block('old', 10, MB), block('older', 5, MB), block('new', 20, MB)]);
    limitDisk(3 * MB + 1000);
    await memory.savePhotos([photo('p', MB)], []);
    expect((await memory.listBlocks()).map(({ key }) => key)).toEqual(['new']);
    expect((await memory.readBlocks(['old' as BlockKey])).size).toBe(0);
  });

  it('drops vectors only for a source', async () => {
    await enrolInto(memory, 'bo');
    await memory.deleteBlocks(blocksOf('bo').map(({ key }) => key));
    const restore = limitDisk(1000);
    await expect(memory.saveBlocks([block('b', 1, 2000)])).rejects.toMatchObject({ code: 'storage-full' });
    expect(await memory.readVectors()).toEqual([vectorsOf('bo')]);
    restore();
    limitDisk(2040);
    await memory.savePhotos([photo('p', 2000)], []);
    expect(await memory.readVectors()).toEqual([]);
  });

  it('fails whole, with a sentence, when even that is not enough', async () => {
    await enrolInto(memory, 'bo');
    limitDisk(3 * MB);
    const two = [photo('p1', MB), photo('p2', 4 * MB)];
    await expect(memory.savePhotos(two, [])).rejects.toMatchObject({
      name: 'AppError',
      code: 'storage-full',
      message: /no room left/,
    });
    expect((await memory.listPhotos()).map(({ id }) => id)).toEqual(['bo-p']);
    expect((await memory.listFacts()).map(({ id }) => id)).toEqual([aFact('bo', 1).id, aFact('bo', 2).id]);
  });

  it('tries only once more', async () => {
    await memory.saveConcept(aConcept('bo'));
    await memory.saveBlocks([block('a', 1, MB)]);
    const put = vi.spyOn(IDBObjectStore.prototype, 'put');
    limitDisk(-1);
    await expect(memory.saveConcept(aConcept('mug'))).rejects.toMatchObject({ code: 'storage-full' });
    expect(put).toHaveBeenCalledTimes(2);
  });
});

/** Aborts as browsers do: the write succeeds, then its transaction fails with the quota error. */
function limitDisk(bytes: number): () => void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its store below
  const original = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (this: FakeStore, value: unknown, key?: IDBValidKey) {
    const request = original.call(this as never, value, key);
    request.addEventListener('success', () => {
      if (buffersIn(this.transaction.db._rawDatabase) > bytes) this.transaction._abort('QuotaExceededError');
    });
    return request;
  } as typeof original;
  const restore = () => {
    IDBObjectStore.prototype.put = original;
  };
  onTestFinished(restore);
  return restore;
}

/** What the fake keeps inside, as far as this test looks. */
interface FakeDatabase {
  readonly rawObjectStores: Map<string, { readonly records: { values(): Iterable<{ readonly value: unknown }> } }>;
}

interface FakeStore {
  readonly transaction: { readonly db: { readonly _rawDatabase: FakeDatabase }; _abort(name: string): void };
}

function buffersIn({ rawObjectStores }: FakeDatabase): number {
  let total = 0;
  for (const { records } of rawObjectStores.values()) {
    for (const { value } of records.values()) {
      if (value instanceof ArrayBuffer) total += value.byteLength;
      else if (typeof value === 'object' && value !== null && 'features' in value) total += 44;
    }
  }
  return total;
}

function block(key: string, usedAt: number, bytes: number): BlockRecord {
  const [card] = blocksOf('bo');
  if (!card) throw new Error('no card');
  return { ...card, key: key as BlockKey, usedAt, bytes: new ArrayBuffer(bytes) };
}

function photo(id: string, bytes: number): { photo: Photo; bytes: ArrayBuffer } {
  return { photo: { ...aPhoto('bo'), id: id as PhotoId, bytes }, bytes: new ArrayBuffer(bytes) };
}
