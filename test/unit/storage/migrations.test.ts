// Old databases open with today's code: a saved one for every version that shipped, see [Note: Migrations].

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BlockKey, ConceptId, PhotoId } from '../../../src/core/types';
import { MIGRATIONS } from '../../../src/storage/db';
import type { Migration } from '../../../src/storage/db';
import { openMemory } from '../../../src/storage/memory';
import {
  aChat,
  aConcept,
  aFact,
  aJob,
  aPhoto,
  blocksOf,
  patchesOf,
  photoBytes,
  vectorsOf,
} from '../../support/memory-suite';
import { dumpDatabase, loadDatabase } from './dump';
import type { DatabaseDump } from './dump';

const FIXTURES = new URL('./fixtures/', import.meta.url);

function fixture(version: number): DatabaseDump {
  return JSON.parse(readFileSync(new URL(`v${version}.json`, FIXTURES), 'utf8')) as DatabaseDump;
}

beforeEach(() => {
  indexedDB = new IDBFactory();
});

describe('migrations', () => {
  it('have a saved database for every version', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(MIGRATIONS.map((_, i) => `v${i + 1}.json`).sort());
  });

  it.each(MIGRATIONS.map((_, i) => i + 1))('open version %i and lose no source', async (version) => {
    await loadDatabase('jarvis', fixture(version));
    const memory = await openMemory({ onDamage: (damage) => expect.unreachable(JSON.stringify(damage)) });
    expect(await memory.listConcepts()).toEqual([aConcept('bo')]);
    expect(await memory.listFacts('bo' as ConceptId)).toEqual([aFact('bo', 1), aFact('bo', 2)]);
    expect(await memory.listPhotos()).toEqual([aPhoto('bo')]);
    expect((await memory.readPhoto('bo-p' as PhotoId))?.bytes.byteLength).toBe(photoBytes('bo').byteLength);
    expect((await memory.listPatches()).filter(({ by }) => by === 'user')).toEqual([patchesOf('bo')[1]]);
    expect(await memory.listJobs()).toEqual([aJob('bo')]);
    expect(await memory.listChats()).toEqual([aChat('one', 1)]);
    expect(await memory.readSetting('theme')).toBe('dark');
    await memory.close();
  });

  it('bring blocks of version 1 along, uses not counted yet, so that they are rebuilt in their order', async () => {
    await loadDatabase('jarvis', fixture(1));
    const memory = await openMemory({ onDamage: (damage) => expect.unreachable(JSON.stringify(damage)) });
    expect((await memory.listBlocks()).map(({ key, usedAt, uses }) => [key, usedAt, uses])).toEqual(
      blocksOf('bo')
        .map(({ key, usedAt }) => [key, usedAt, 0])
        .sort(),
    );
    await memory.close();
  });

  it('keep derived records of the present version', async () => {
    await loadDatabase('jarvis', fixture(MIGRATIONS.length));
    const memory = await openMemory();
    expect(await memory.readVectors()).toEqual([vectorsOf('bo')]);
    expect((await memory.readBlocks(['bo-b-card' as BlockKey])).size).toBe(1);
    expect((await memory.listBlocks()).map(({ uses }) => uses)).toEqual([0, 0, 2, 0]);
    await memory.close();
  });

  it('give a new database the shape of a migrated one', async () => {
    await (await openMemory({ name: 'new' })).close();
    await loadDatabase('old', fixture(1));
    await (await openMemory({ name: 'old' })).close();
    expect(shapeOf(await dumpDatabase('new'))).toEqual(shapeOf(await dumpDatabase('old')));
  });

  it('run only those that are missing, in order', async () => {
    await loadDatabase('jarvis', fixture(1));
    const ran: string[] = [];
    const later = (name: string): Migration => {
      return async (_db, tx) => {
        ran.push(`${name} sees ${await tx.objectStore('concepts').count()} concept`);
      };
    };
    const first: Migration = () => void ran.push('first');
    const memory = await openMemory({ migrations: [first, later('second'), later('third')] });
    expect(ran).toEqual(['second sees 1 concept', 'third sees 1 concept']);
    await memory.close();
  });

  it('leave the old database alone when one fails', async () => {
    await loadDatabase('jarvis', fixture(1));
    const before = await dumpDatabase('jarvis');
    const broken: Migration = async (_db, tx) => {
      await tx.objectStore('concepts').clear();
      throw new Error('broken migration');
    };
    await expect(openMemory({ migrations: [...MIGRATIONS, broken] })).rejects.toMatchObject({
      code: 'storage',
      message: /It is unchanged/,
      cause: { message: 'broken migration' },
    });
    expect(await dumpDatabase('jarvis')).toEqual(before);
  });
});

function shapeOf({ version, stores }: DatabaseDump): unknown {
  const shapes = Object.entries(stores).map(([name, { keyPath, indexes }]) => ({ name, keyPath, indexes }));
  return { version, shapes };
}
