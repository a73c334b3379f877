// The IndexedDB memory on Node's fake IndexedDB: the suite, and what only a database can do wrong.

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BlockKey, ConceptId, PhotoId } from '../../../src/core/types';
import { MIGRATIONS } from '../../../src/storage/db';
import { openMemory } from '../../../src/storage/memory';
import type { Memory, MemoryOptions } from '../../../src/storage/memory';
import type { Damage } from '../../../src/storage/records';
import { aConcept, aFact, aPhoto, blocksOf, enrolInto, memorySuite, photoBytes } from '../../support/memory-suite';

let opened: Memory[] = [];

async function open(options: MemoryOptions = {}): Promise<Memory> {
  const memory = await openMemory(options);
  opened.push(memory);
  return memory;
}

beforeEach(() => {
  indexedDB = new IDBFactory();
});

afterEach(async () => {
  await Promise.all(opened.map((memory) => memory.close()));
  opened = [];
  vi.restoreAllMocks();
});

memorySuite('IndexedDB', () => open());

describe('the IndexedDB memory', () => {
  it('survives a reload', async () => {
    const first = await open();
    await enrolInto(first, 'bo');
    await first.close();
    const second = await open();
    expect(await second.listConcepts()).toEqual([aConcept('bo')]);
    expect((await second.readBlocks(['bo-b-card' as BlockKey])).size).toBe(1);
  });

  it('skips a damaged record, tells of it once and goes on', async () => {
    const damages: Damage[] = [];
    const memory = await open({ onDamage: (damage) => damages.push(damage) });
    await enrolInto(memory, 'bo');
    const raw = await openDB('jarvis');
    await raw.put('facts', { ...aFact('bo', 1), text: 42 });
    await raw.put('vectors', { photoId: 'x', conceptId: 'bo', bytes: 1, savedAt: 1 });
    raw.close();
    expect((await memory.listFacts()).map(({ id }) => id)).toEqual(['bo-f2']);
    expect(await memory.readVectors()).toHaveLength(1);
    await memory.listFacts();
    expect(damages.map(({ store, key }) => `${store}/${key}`)).toEqual(['facts/bo-f1', 'vectors/x']);
    expect(damages[0]?.problem).toContain('text');
  });

  it('keeps a concept whose card is damaged', async () => {
    const memory = await open();
    const raw = await openDB('jarvis');
    await raw.put('concepts', { ...aConcept('bo'), card: { name: 'bo' } });
    raw.close();
    expect(await memory.readConcept('bo' as ConceptId)).toEqual({ ...aConcept('bo'), card: undefined });
  });

  it('deletes even a concept whose record is damaged', async () => {
    const memory = await open({ onDamage: () => undefined });
    await enrolInto(memory, 'bo');
    const raw = await openDB('jarvis');
    await raw.put('concepts', { id: 'bo' });
    expect(await memory.deleteConcept('bo' as ConceptId)).toBeUndefined();
    for (const store of [
      'concepts',
      'facts',
      'photos',
      'photoBytes',
      'patches',
      'vectors',
      'blocks',
      'blockBytes',
    ] as const) {
      expect(await raw.count(store), store).toBe(0);
    }
    raw.close();
  });

  it('leaves no bytes behind when a concept is deleted', async () => {
    const memory = await open();
    await enrolInto(memory, 'bo');
    await memory.deleteConcept('bo' as ConceptId);
    const raw = await openDB('jarvis');
    for (const store of raw.objectStoreNames) expect(await raw.count(store), store).toBe(0);
    raw.close();
  });

  it('writes a transaction whole or not at all', async () => {
    const memory = await open();
    const uncloneable = { ...aPhoto('b'), conceptId: 'bo' as ConceptId, mime: (() => '') as unknown as string };
    await expect(
      memory.savePhotos(
        [
          { photo: aPhoto('a'), bytes: photoBytes('a').buffer },
          { photo: uncloneable, bytes: photoBytes('b').buffer },
        ],
        [],
      ),
    ).rejects.toMatchObject({ name: 'AppError', code: 'storage' });
    expect(await memory.listPhotos()).toEqual([]);
  });

  it('notes when and how often a block was used, but not for being read', async () => {
    let clock = 1_000_000;
    const memory = await open({ now: () => clock });
    await enrolInto(memory, 'bo');
    clock += 3_600_000;
    await memory.readBlocks(['bo-b-card' as BlockKey, 'bo-b-patch' as BlockKey]);
    await memory.noteUse(['bo-b-card' as BlockKey, 'gone' as BlockKey]);
    await memory.noteUse(['bo-b-card' as BlockKey]);
    const used = new Map((await memory.listBlocks()).map(({ key, usedAt, uses }) => [key as string, { usedAt, uses }]));
    expect(used.get('bo-b-card')).toEqual({ usedAt: clock, uses: 2 });
    expect(used.get('bo-b-patch')).toEqual({ usedAt: blocksOf('bo')[3]?.usedAt, uses: 0 });
    expect(used.size).toBe(4);
  });

  it('reads the blocks of a question in one transaction, of reading alone', async () => {
    const memory = await open();
    await enrolInto(memory, 'bo');
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
    expect((await memory.readBlocks(blocksOf('bo').map(({ key }) => key))).size).toBe(4);
    expect(transaction.mock.calls.map(([, mode]) => mode)).toEqual(['readonly']);
  });

  it('weighs without reading the bytes', async () => {
    const memory = await open();
    await enrolInto(memory, 'bo');
    const usage = await memory.usage();
    expect(usage.photosBytes).toBe(photoBytes('bo').byteLength);
    expect(usage.blocksBytes).toBe(12);
    expect(usage.vectorsBytes).toBeGreaterThanOrEqual(44);
    expect(usage.quotaBytes).toBeUndefined();
  });

  it('leaves a photo without its file out of what it reads, and says so', async () => {
    const damages: Damage[] = [];
    const memory = await open({ onDamage: (damage) => damages.push(damage) });
    await enrolInto(memory, 'bo');
    const raw = await openDB('jarvis');
    await raw.delete('photoBytes', 'bo-p');
    raw.close();
    expect(await memory.readPhoto('bo-p' as PhotoId)).toBeUndefined();
    expect(damages[0]).toMatchObject({ store: 'photoBytes', key: 'bo-p' });
  });
});

describe('two tabs', () => {
  const NEWER = [...MIGRATIONS, () => undefined];

  it('lets a newer tab upgrade, and the older one says to reload', async () => {
    let replaced = 0;
    const older = await open({ onReplaced: () => replaced++ });
    await older.saveConcept(aConcept('bo'));
    const newer = await open({ migrations: NEWER });
    expect(replaced).toBe(1);
    expect(await newer.listConcepts()).toEqual([aConcept('bo')]);
    await expect(older.listConcepts()).rejects.toMatchObject({ code: 'storage', message: /Reload/ });
  });

  it('tells an outdated page to reload', async () => {
    await open({ migrations: NEWER });
    await expect(openMemory()).rejects.toMatchObject({ code: 'storage', message: /older than its memory/ });
  });

  it('does not wait for ever for a tab that holds the database', async () => {
    const holder = await openDB('jarvis', 1); // no `blocking` handler: it never lets go
    await expect(openMemory({ migrations: NEWER, blockedTimeoutMs: 20 })).rejects.toMatchObject({
      code: 'storage',
      message: /another tab/,
    });
    holder.close();
  });

  it('opens a new connection when the browser ended the old one', async () => {
    const memory = await open();
    await memory.saveConcept(aConcept('bo'));
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError');
    });
    expect(await memory.listConcepts()).toEqual([aConcept('bo')]);
    expect(transaction).toHaveBeenCalledTimes(2);
  });
});
