// What the user gave: concepts, facts and photos, and their removal with everything derived from them.

import type { ConceptId, Fact, Photo, PhotoId, PhotoJob } from '../core/types';
import type { ConceptSnapshot, MemoryPort } from '../pipeline/ports';
import type { Connection } from './connection';
import { put } from './db';
import type { StoreName, WriteTx } from './db';
import { deleteBlocksOf } from './derived';
import { conceptSchema, factSchema, parse, parseAll, patchSchema, photoSchema } from './records';
import type { Report } from './records';

type SourcesPort = Pick<
  MemoryPort,
  | 'listConcepts'
  | 'readConcept'
  | 'saveConcept'
  | 'deleteConcept'
  | 'restoreConcept'
  | 'listFacts'
  | 'saveFacts'
  | 'deleteFact'
  | 'listPhotos'
  | 'readPhoto'
  | 'savePhotos'
  | 'deletePhoto'
>;

/** Every store that holds something of a concept. */
const OF_CONCEPT: readonly StoreName[] = [
  'concepts',
  'facts',
  'photos',
  'photoBytes',
  'patches',
  'vectors',
  'blocks',
  'blockBytes',
  'jobs',
];

export function sourcesIn(connection: Connection, report: Report): SourcesPort {
  return {
    async listConcepts() {
      const values = await connection.read(['concepts'], (tx) => tx.objectStore('concepts').getAll());
      return parseAll(conceptSchema, 'concepts', values, report).sort(byCreation);
    },

    async readConcept(id) {
      const value = await connection.read(['concepts'], (tx) => tx.objectStore('concepts').get(id));
      return value && parse(conceptSchema, 'concepts', value, report);
    },

    async saveConcept(concept) {
      await connection.write(['concepts'], (tx) => put(tx, 'concepts', concept));
    },

    async deleteConcept(id) {
      return connection.write(OF_CONCEPT, async (tx) => {
        const snapshot = await readSnapshot(tx, id, report);
        await Promise.all([
          tx.objectStore('concepts').delete(id),
          deleteBlocksOf(tx, 'byConcept', id),
          ...(await photoKeys(tx, id)).map((photoId) => tx.objectStore('photoBytes').delete(photoId)),
        ]);
        for (const store of ['facts', 'photos', 'patches', 'vectors', 'jobs'] as const) {
          await deleteByConcept(tx, store, id);
        }
        return snapshot;
      });
    },

    async restoreConcept({ concept, facts, photos, patches }) {
      const stores: StoreName[] = ['concepts', 'facts', 'photos', 'photoBytes', 'patches'];
      await connection.write(
        stores,
        (tx) =>
          Promise.all([
            put(tx, 'concepts', concept),
            ...facts.map((fact) => put(tx, 'facts', fact)),
            ...photos.flatMap((entry) => putPhoto(tx, entry)),
            ...patches.map((patch) => put(tx, 'patches', patch)),
          ]),
        { bytes: totalBytes(photos), from: ['blocks', 'vectors'] },
      );
    },

    async listFacts(conceptId) {
      const values = await connection.read(['facts'], (tx) =>
        conceptId === undefined
          ? tx.objectStore('facts').getAll()
          : tx.objectStore('facts').index('byConcept').getAll(conceptId),
      );
      return parseAll(factSchema, 'facts', values, report).sort(byCreation);
    },

    async saveFacts(facts) {
      await connection.write(['facts'], (tx) => Promise.all(facts.map((fact) => put(tx, 'facts', fact))));
    },

    async deleteFact(id) {
      return connection.write(['facts', 'blocks', 'blockBytes'], async (tx) => {
        const value: Fact | undefined = await tx.objectStore('facts').get(id);
        await Promise.all([tx.objectStore('facts').delete(id), deleteBlocksOf(tx, 'byFact', id)]);
        return value && parse(factSchema, 'facts', value, report);
      });
    },

    async listPhotos(conceptId) {
      const values = await connection.read(['photos'], (tx) =>
        conceptId === undefined
          ? tx.objectStore('photos').getAll()
          : tx.objectStore('photos').index('byConcept').getAll(conceptId),
      );
      return parseAll(photoSchema, 'photos', values, report).sort(byCreation);
    },

    async readPhoto(id) {
      const [value, bytes] = await connection.read(['photos', 'photoBytes'], (tx) =>
        Promise.all([tx.objectStore('photos').get(id), tx.objectStore('photoBytes').get(id)]),
      );
      return withBytes(value, bytes, report);
    },

    async savePhotos(photos, jobs) {
      await connection.write(
        ['photos', 'photoBytes', 'jobs'],
        (tx) =>
          Promise.all([
            ...photos.flatMap((entry) => putPhoto(tx, entry)),
            ...jobs.map((job: PhotoJob) => put(tx, 'jobs', job)),
          ]),
        { bytes: totalBytes(photos), from: ['blocks', 'vectors'] },
      );
    },

    async deletePhoto(id) {
      const stores: StoreName[] = ['photos', 'photoBytes', 'patches', 'vectors', 'blocks', 'blockBytes', 'jobs'];
      return connection.write(stores, async (tx) => {
        const [value, bytes, patches] = await Promise.all([
          tx.objectStore('photos').get(id),
          tx.objectStore('photoBytes').get(id),
          tx.objectStore('patches').index('byPhoto').getAllKeys(id),
        ]);
        await Promise.all([
          tx.objectStore('photos').delete(id),
          tx.objectStore('photoBytes').delete(id),
          tx.objectStore('vectors').delete(id),
          tx.objectStore('jobs').delete(id),
          ...patches.map((patch) => tx.objectStore('patches').delete(patch)),
          deleteBlocksOf(tx, 'byPhoto', id),
        ]);
        return withBytes(value, bytes, report);
      });
    },
  };
}

async function readSnapshot(tx: WriteTx, id: ConceptId, report: Report): Promise<ConceptSnapshot | undefined> {
  const [value, facts, photos, patches] = await Promise.all([
    tx.objectStore('concepts').get(id),
    tx.objectStore('facts').index('byConcept').getAll(id),
    tx.objectStore('photos').index('byConcept').getAll(id),
    tx.objectStore('patches').index('byConcept').getAll(id),
  ]);
  const concept = value && parse(conceptSchema, 'concepts', value, report);
  if (!concept) return undefined;
  const bytes = await Promise.all(photos.map((photo) => tx.objectStore('photoBytes').get(photo.id)));
  return {
    concept,
    facts: parseAll(factSchema, 'facts', facts, report).sort(byCreation),
    photos: photos.flatMap((photo, i) => withBytes(photo, bytes[i], report) ?? []),
    patches: parseAll(patchSchema, 'patches', patches, report).filter((patch) => patch.by === 'user'),
  };
}

async function photoKeys(tx: WriteTx, id: ConceptId): Promise<PhotoId[]> {
  return tx.objectStore('photos').index('byConcept').getAllKeys(id);
}

async function deleteByConcept(
  tx: WriteTx,
  store: 'facts' | 'photos' | 'patches' | 'vectors' | 'jobs',
  id: ConceptId,
): Promise<void> {
  let cursor = await tx.objectStore(store).index('byConcept').openCursor(id);
  while (cursor) {
    await cursor.delete();
    cursor = await cursor.continue();
  }
}

function putPhoto(tx: WriteTx, { photo, bytes }: { photo: Photo; bytes: ArrayBuffer }): Promise<void>[] {
  return [put(tx, 'photos', photo), put(tx, 'photoBytes', bytes, photo.id)];
}

function withBytes(value: unknown, bytes: unknown, report: Report): { photo: Photo; bytes: ArrayBuffer } | undefined {
  const photo = value === undefined ? undefined : parse(photoSchema, 'photos', value, report);
  if (!photo) return undefined;
  if (bytes instanceof ArrayBuffer) return { photo, bytes };
  report({ store: 'photoBytes', key: photo.id, problem: 'the image file of this photo is missing' });
  return undefined;
}

function totalBytes(photos: readonly { readonly bytes: ArrayBuffer }[]): number {
  return photos.reduce((total, { bytes }) => total + bytes.byteLength, 0);
}

function byCreation(a: { createdAt: number }, b: { createdAt: number }): number {
  return a.createdAt - b.createdAt;
}
