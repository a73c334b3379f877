// What every MemoryPort must do. IndexedDB (Node's fake and Chromium's own) and test/support/fake-memory.ts run it.

import { describe, expect, it } from 'vitest';
import type {
  BlockKey,
  BlockRecord,
  BlockSource,
  Chat,
  ChatId,
  Concept,
  ConceptId,
  Fact,
  FactId,
  Fingerprint,
  MessageId,
  Patch,
  PatchId,
  Photo,
  PhotoId,
  PhotoJob,
  PhotoVectors,
} from '../../src/core/types';
import type { MemoryPort } from '../../src/pipeline/ports';

/** Makes an empty memory; the suite never shares one between tests. */
export function memorySuite(name: string, open: () => Promise<MemoryPort>): void {
  describe(`${name} as MemoryPort`, () => {
    it('reads back what was saved, and undefined for what is not there', async () => {
      const memory = await open();
      await memory.saveConcept(aConcept('bo'));
      expect(await memory.readConcept('bo' as ConceptId)).toEqual(aConcept('bo'));
      expect(await memory.readConcept('max' as ConceptId)).toBeUndefined();
      await memory.saveConcept({ ...aConcept('bo'), name: 'Bobo', card: undefined });
      expect(await memory.listConcepts()).toEqual([{ ...aConcept('bo'), name: 'Bobo', card: undefined }]);
    });

    it('lists facts of one concept or of all, in the order they were made', async () => {
      const memory = await openWith(open, 'bo', 'mu');
      expect(await memory.listFacts('bo' as ConceptId)).toEqual([aFact('bo', 1), aFact('bo', 2)]);
      expect((await memory.listFacts()).map(({ id }) => id).sort()).toEqual(['bo-f1', 'bo-f2', 'mu-f1', 'mu-f2']);
      await memory.saveFacts([{ ...aFact('bo', 1), text: 'Bo naps.' }]);
      expect((await memory.listFacts('bo' as ConceptId)).map(({ text }) => text)).toEqual([
        'Bo naps.',
        aFact('bo', 2).text,
      ]);
    });

    it('keeps photos with their bytes and jobs', async () => {
      const memory = await openWith(open, 'bo');
      expect(await memory.listPhotos('bo' as ConceptId)).toEqual([aPhoto('bo')]);
      const read = await memory.readPhoto('bo-p' as PhotoId);
      expect(read?.photo).toEqual(aPhoto('bo'));
      expect([...new Uint8Array(read?.bytes ?? new ArrayBuffer(0))]).toEqual([...photoBytes('bo')]);
      expect(await memory.readPhoto('none' as PhotoId)).toBeUndefined();
      expect(await memory.listJobs()).toEqual([aJob('bo')]);
      await memory.saveJobs([{ ...aJob('bo'), status: 'done' }]);
      expect(await memory.listJobs()).toEqual([{ ...aJob('bo'), status: 'done' }]);
      await memory.deleteJobs(['bo-p' as PhotoId]);
      expect(await memory.listJobs()).toEqual([]);
    });

    it('copies what it is given: changing it later changes nothing', async () => {
      const memory = await openWith(open, 'bo');
      const bytes = new Uint8Array([1, 2, 3]);
      const photo = { ...aPhoto('bo'), id: 'late' as PhotoId, bytes: 3 };
      await memory.savePhotos([{ photo, bytes: bytes.buffer }], []);
      bytes.fill(9);
      const read = await memory.readPhoto('late' as PhotoId);
      expect([...new Uint8Array(read?.bytes ?? new ArrayBuffer(0))]).toEqual([1, 2, 3]);
    });

    it('deletes a fact with its block and no other', async () => {
      const memory = await openWith(open, 'bo');
      expect(await memory.deleteFact('bo-f1' as FactId)).toEqual(aFact('bo', 1));
      expect(await memory.deleteFact('bo-f1' as FactId)).toBeUndefined();
      expect(await blockKeys(memory)).toEqual(['bo-b-bo-f2', 'bo-b-card', 'bo-b-patch']);
    });

    it('deletes a photo with its job and everything derived from it', async () => {
      const memory = await openWith(open, 'bo', 'mu');
      const deleted = await memory.deletePhoto('bo-p' as PhotoId);
      expect(deleted?.photo).toEqual(aPhoto('bo'));
      expect(deleted?.bytes.byteLength).toBe(photoBytes('bo').byteLength);
      expect(await memory.deletePhoto('bo-p' as PhotoId)).toBeUndefined();
      expect((await memory.listPhotos()).map(({ id }) => id)).toEqual(['mu-p']);
      expect((await memory.listPatches()).map(({ photoId }) => photoId)).toEqual(['mu-p', 'mu-p']);
      expect((await memory.readVectors()).map(({ photoId }) => photoId)).toEqual(['mu-p']);
      expect((await memory.listJobs()).map(({ photoId }) => photoId)).toEqual(['mu-p']);
      expect((await blockKeys(memory)).filter((key) => key.startsWith('bo'))).toEqual([
        'bo-b-bo-f1',
        'bo-b-bo-f2',
        'bo-b-card',
      ]);
    });

    it('replaces the patches of a photo; blocks of patches that are gone go too', async () => {
      const memory = await openWith(open, 'bo');
      const [kept] = patchesOf('bo');
      await memory.replacePatches('bo-p' as PhotoId, [kept]);
      expect(await memory.listPatches('bo' as ConceptId)).toEqual([kept]);
      expect(await blockKeys(memory)).toContain('bo-b-patch');
      const drawn: Patch = { ...kept, id: 'drawn' as PatchId, by: 'user' };
      await memory.replacePatches('bo-p' as PhotoId, [drawn]);
      expect(await memory.listPatches()).toEqual([drawn]);
      expect(await blockKeys(memory)).not.toContain('bo-b-patch');
    });

    it('keeps vectors exactly', async () => {
      const memory = await openWith(open, 'bo');
      expect(await memory.readVectors()).toEqual([vectorsOf('bo')]);
    });

    it('reads blocks by key, leaves missing ones out, lists them without bytes', async () => {
      const memory = await openWith(open, 'bo');
      const found = await memory.readBlocks(['bo-b-card' as BlockKey, 'none' as BlockKey]);
      expect([...found.keys()]).toEqual(['bo-b-card']);
      const [card] = blocksOf('bo');
      expect(found.get('bo-b-card' as BlockKey)).toMatchObject({ source: card?.source, model: card?.model, tokens: 3 });
      expect([...new Uint8Array(found.get('bo-b-card' as BlockKey)?.bytes ?? new ArrayBuffer(0))]).toEqual([7, 7, 7]);
      expect((await memory.listBlocks()).find(({ key }) => key === 'bo-b-card')).toMatchObject({ tokens: 3, bytes: 3 });
      await memory.noteUse(['bo-b-card' as BlockKey, 'none' as BlockKey]);
      expect((await memory.listBlocks()).filter(({ uses }) => uses > 0).map(({ key }) => key)).toEqual(['bo-b-card']);
      await memory.deleteBlocks(['bo-b-card' as BlockKey]);
      expect(await blockKeys(memory)).not.toContain('bo-b-card');
    });

    it('deletes a concept whole: no source and no derived byte of it is left', async () => {
      const memory = await openWith(open, 'bo', 'mu');
      const before = await memory.usage();
      await memory.deleteConcept('bo' as ConceptId);
      const lists = await Promise.all([
        memory.listConcepts(),
        memory.listFacts(),
        memory.listPhotos(),
        memory.listPatches(),
        memory.readVectors(),
        memory.listJobs(),
        memory.listBlocks(),
      ]);
      for (const list of lists) {
        expect(list.length).toBeGreaterThan(0);
        expect(JSON.stringify(list)).not.toMatch(/"bo["-]/);
      }
      expect(await memory.readPhoto('bo-p' as PhotoId)).toBeUndefined();
      const after = await memory.usage();
      expect(after.photosBytes).toBe(photoBytes('mu').byteLength);
      expect(after.blocksBytes * 2).toBe(before.blocksBytes);
      expect(after.vectorsBytes * 2).toBe(before.vectorsBytes);
    });

    it('gives back on deletion what restores the sources and the patches the user drew', async () => {
      const memory = await openWith(open, 'bo');
      const snapshot = await memory.deleteConcept('bo' as ConceptId);
      expect(snapshot?.patches.map(({ by }) => by)).toEqual(['user']);
      expect(await memory.deleteConcept('bo' as ConceptId)).toBeUndefined();
      if (!snapshot) throw new Error('no snapshot');
      await memory.restoreConcept(snapshot);
      expect(await memory.readConcept('bo' as ConceptId)).toEqual(aConcept('bo'));
      expect(await memory.listFacts('bo' as ConceptId)).toEqual([aFact('bo', 1), aFact('bo', 2)]);
      expect((await memory.readPhoto('bo-p' as PhotoId))?.bytes.byteLength).toBe(photoBytes('bo').byteLength);
      expect(await memory.listPatches()).toEqual(patchesOf('bo').filter(({ by }) => by === 'user'));
      expect(await memory.listBlocks()).toEqual([]);
    });

    it('drops what a job still saves for something deleted meanwhile', async () => {
      const memory = await openWith(open, 'bo');
      await memory.deleteConcept('bo' as ConceptId);
      await memory.saveVectors(vectorsOf('bo'));
      await memory.replacePatches('bo-p' as PhotoId, patchesOf('bo'));
      await memory.saveBlocks(blocksOf('bo'));
      await memory.saveJobs([aJob('bo')]);
      expect(await memory.readVectors()).toEqual([]);
      expect(await memory.listPatches()).toEqual([]);
      expect(await memory.listBlocks()).toEqual([]);
      expect(await memory.listJobs()).toEqual([]);
    });

    it('keeps chats with their photos, newest first', async () => {
      const memory = await open();
      await memory.saveChat(aChat('one', 1));
      await memory.saveChat(aChat('two', 2));
      expect((await memory.listChats()).map(({ id }) => id)).toEqual(['two', 'one']);
      expect(await memory.readChat('one' as ChatId)).toEqual(aChat('one', 1));
      expect(await memory.deleteChat('one' as ChatId)).toEqual(aChat('one', 1));
      expect(await memory.deleteChat('one' as ChatId)).toBeUndefined();
      expect(await memory.readChat('one' as ChatId)).toBeUndefined();
      expect((await memory.usage()).chatsBytes).toBeGreaterThanOrEqual(4);
    });

    it('keeps settings of any shape', async () => {
      const memory = await open();
      expect(await memory.readSetting('theme')).toBeUndefined();
      await memory.saveSetting('theme', { dark: true });
      expect(await memory.readSetting('theme')).toEqual({ dark: true });
      await memory.saveSetting('theme', 'light');
      expect(await memory.readSetting('theme')).toBe('light');
    });

    it('takes calls at the same time', async () => {
      const memory = await openWith(open, 'bo');
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      await Promise.all(names.map((name) => memory.saveConcept(aConcept(name))));
      await Promise.all(names.map((name) => memory.deleteConcept(name as ConceptId)));
      expect((await memory.listConcepts()).map(({ id }) => id)).toEqual(['bo']);
    });
  });
}

async function blockKeys(memory: MemoryPort): Promise<string[]> {
  return (await memory.listBlocks()).map(({ key }) => key as string).sort();
}

/** A memory in which these concepts are enrolled to the end. */
export async function openWith(open: () => Promise<MemoryPort>, ...names: readonly string[]): Promise<MemoryPort> {
  const memory = await open();
  for (const name of names) await enrolInto(memory, name);
  return memory;
}

export async function enrolInto(memory: MemoryPort, name: string): Promise<void> {
  await memory.saveConcept(aConcept(name));
  await memory.saveFacts([aFact(name, 1), aFact(name, 2)]);
  await memory.savePhotos([{ photo: aPhoto(name), bytes: photoBytes(name).buffer }], [aJob(name)]);
  await memory.replacePatches(`${name}-p` as PhotoId, patchesOf(name));
  await memory.saveVectors(vectorsOf(name));
  await memory.saveBlocks(blocksOf(name));
}

// ---------------------------------------------------------------- one concept, `name`, and all that belongs to it

export function aConcept(name: string): Concept {
  return {
    id: name as ConceptId,
    name,
    aliases: [`the ${name}`],
    card: {
      name,
      category: 'dog',
      caption: 'a small corgi',
      fingerprints: [{ part: 'ears', descriptor: 'large' }],
      edited: false,
    },
    createdAt: 1,
    updatedAt: 2,
  };
}

export function aFact(name: string, number: number): Fact {
  return {
    id: `${name}-f${number}` as FactId,
    conceptId: name as ConceptId,
    text: `${name} likes thing ${number}.`,
    createdAt: number,
  };
}

export function photoBytes(name: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`JPEG of ${name}`);
}

export function aPhoto(name: string): Photo {
  return {
    id: `${name}-p` as PhotoId,
    conceptId: name as ConceptId,
    widthPx: 4,
    heightPx: 3,
    mime: 'image/jpeg',
    bytes: photoBytes(name).byteLength,
    pixelHash: `hash of ${name}`,
    createdAt: 3,
  };
}

export function aJob(name: string): PhotoJob {
  return {
    photoId: `${name}-p` as PhotoId,
    conceptId: name as ConceptId,
    fileName: `${name}.jpg`,
    stage: 'mine',
    status: 'waiting',
    error: undefined,
    updatedAt: 4,
  };
}

/** The first by the miner, the second by the user. */
export function patchesOf(name: string): [Patch, Patch] {
  const patch = { conceptId: name as ConceptId, photoId: `${name}-p` as PhotoId, score: 0.5 };
  return [
    { ...patch, id: `${name}-mined` as PatchId, box: { x: 0, y: 0, w: 0.5, h: 0.5 }, by: 'miner' },
    { ...patch, id: `${name}-drawn` as PatchId, box: { x: 0.5, y: 0.5, w: 0.5, h: 0.5 }, by: 'user' },
  ];
}

export function vectorsOf(name: string): PhotoVectors {
  return {
    photoId: `${name}-p` as PhotoId,
    conceptId: name as ConceptId,
    encoder: 'encoder-1' as Fingerprint,
    features: {
      gridW: 2,
      gridH: 1,
      dim: 2,
      grid: new Float32Array([1, 0, 0, 1]),
      globalDim: 3,
      global: new Float32Array([0, 0, 1]),
    },
    scoreMap: new Float32Array([0.25, 0.75]),
    subject: new Float32Array([0, 1]),
  };
}

/** A block for the card, one for each of two facts, one for the mined patch. */
export function blocksOf(name: string): BlockRecord[] {
  const conceptId = name as ConceptId;
  const photoId = `${name}-p` as PhotoId;
  const sources: [string, BlockSource][] = [
    ['card', { kind: 'card', conceptId }],
    [`${name}-f1`, { kind: 'fact', conceptId, factId: `${name}-f1` as FactId }],
    [`${name}-f2`, { kind: 'fact', conceptId, factId: `${name}-f2` as FactId }],
    ['patch', { kind: 'patch', conceptId, photoId, patchId: `${name}-mined` as PatchId }],
  ];
  return sources.map(([part, source]) => ({
    key: `${name}-b-${part}` as BlockKey,
    source,
    model: 'mini-1' as Fingerprint,
    tokens: 3,
    bytes: new Uint8Array([7, 7, 7]).buffer,
    usedAt: 5,
    uses: 0,
  }));
}

export function aChat(id: string, updatedAt: number): Chat {
  return {
    id: id as ChatId,
    title: id,
    messages: [
      {
        id: `${id}-m1` as MessageId,
        role: 'user',
        text: 'Who is this?',
        photo: { mime: 'image/png', bytes: new Uint8Array([1, 2, 3, 4]).buffer },
        createdAt: 1,
      },
      {
        id: `${id}-m2` as MessageId,
        role: 'assistant',
        text: 'This is Bo.',
        sources: [
          { kind: 'fact', conceptId: 'bo' as ConceptId, name: 'Bo', factId: 'bo-f1' as FactId, text: 'Bo naps.' },
        ],
        cues: [],
        nearest: undefined,
        trace: undefined,
        stopped: false,
        createdAt: 2,
      },
    ],
    createdAt: 1,
    updatedAt,
  };
}
