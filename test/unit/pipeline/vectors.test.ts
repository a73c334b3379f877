// Vectors of all photos under a budget: what does not fit in memory is read again, and the library over all finds the same photos.
import { beforeEach, describe, expect, it } from 'vitest';
import { FULL_MATCHES } from '../../../src/core/match';
import type { Concept, ConceptId, Fingerprint, Photo, PhotoVectors } from '../../../src/core/types';
import { createVectorStore, type VectorStore } from '../../../src/pipeline/vectors';
import { libraryOf } from '../../../src/pipeline/photo-library';
import type { MemoryPort } from '../../../src/pipeline/ports';
import { recognise } from '../../../src/pipeline/recognise';
import { fakeMemory } from '../../support/fake-memory';
import { fakeEncoder, picture } from '../../support/fake-models';
import { aPhoto } from '../../support/memory-suite';

const never = new AbortController().signal;
const encoder = fakeEncoder();
const COUNT = FULL_MATCHES + 16; // more than are compared in full
const names = Array.from({ length: COUNT }, (_, i) => `c${i}`);
const all = (): boolean => true;

async function vectorsOf(name: string, fingerprint = encoder.info.fingerprint): Promise<PhotoVectors> {
  const hue = names.indexOf(name);
  const rgb = [(hue * 53) % 256, (hue * 97) % 256, (hue * 31) % 256] as const;
  const features = await encoder.encode(picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb }]), never);
  const subject = new Float32Array(64).fill(1);
  const { id, conceptId } = aPhoto(name);
  return { photoId: id, conceptId, encoder: fingerprint, features, scoreMap: subject, subject };
}

let memory: MemoryPort;
let reads: number; // photos read from it
let photos: Photo[];
beforeEach(async () => {
  reads = 0;
  const stored = fakeMemory();
  memory = {
    ...stored,
    readVectors(ids) {
      reads += ids?.length ?? 0;
      return stored.readVectors(ids);
    },
  };
  photos = names.map(aPhoto);
  for (const photo of photos) {
    const concept: Concept = {
      ...{ id: photo.conceptId, name: photo.conceptId, aliases: [], card: undefined },
      ...{ createdAt: 0, updatedAt: 0 },
    };
    await memory.saveConcept(concept);
    await memory.savePhotos([{ photo, bytes: new ArrayBuffer(8) }], []);
    await memory.saveVectors(await vectorsOf(photo.conceptId));
  }
});

const photoOf = async (store: VectorStore, name: string): Promise<string[]> => {
  const library = await store.library(photos, all);
  const { features } = await vectorsOf(name);
  return (await library.nearest(features, 1, {})).map(({ photoId }) => photoId);
};

it('a concept that is asked about is compared however unlike the photo it is', async () => {
  const vectors = await Promise.all(names.map((name) => vectorsOf(name)));
  const library = libraryOf(vectors, encoder.background);
  const photo = picture([{ x: 0.25, y: 0.25, w: 0.5, h: 0.5, rgb: [(9 * 53) % 256, (9 * 97) % 256, (9 * 31) % 256] }]);
  const found = async (asked: readonly ConceptId[]): Promise<string[]> =>
    (await recognise(encoder, encoder.calibration, photo, library, never, asked)).map(({ conceptId }) => conceptId);
  const plain = await found([]);
  expect(plain).toHaveLength(FULL_MATCHES);
  const left = names.find((name) => !plain.includes(name)) as ConceptId;
  expect(await found([left])).toEqual(expect.arrayContaining([...plain, left]));
});

describe('a store of vectors', () => {
  it('reads each photo once where all fit', async () => {
    const store = createVectorStore(memory, encoder);
    const ids = photos.map(({ id }) => id);
    expect((await store.read(ids)).map(({ photoId }) => photoId)).toEqual(ids);
    await store.read(ids);
    await store.library(photos, all);
    expect(reads).toBe(COUNT);
  });

  it('finds the same under a budget for two, and reads only what is asked for', async () => {
    const [free, tight] = [createVectorStore(memory, encoder), createVectorStore(memory, encoder, undefined, 3000)];
    for (const name of ['c3', 'c20']) expect(await photoOf(tight, name)).toEqual(await photoOf(free, name));
    reads = 0;
    await photoOf(tight, 'c7');
    await photoOf(tight, 'c8');
    expect(reads).toBe(2);
    expect(await tight.read([photos[5]?.id, photos[6]?.id].flatMap((id) => id ?? []))).toHaveLength(2);
  });

  it('compares all of a few photos and the likeliest of many', async () => {
    const store = createVectorStore(memory, encoder);
    const { features } = await vectorsOf('c9');
    const few = await store.library(photos, ({ conceptId }) => names.indexOf(conceptId) < 3);
    expect((await few.candidates(features)).map(({ conceptId }) => conceptId).sort()).toEqual(['c0', 'c1', 'c2']);
    const many = await (await store.library(photos, all)).candidates(features);
    expect(many).toHaveLength(FULL_MATCHES);
    expect(many.map(({ conceptId }) => conceptId)).toContain('c9');
  });

  it('does not find what is hidden, and hides nothing for others', async () => {
    const store = createVectorStore(memory, encoder);
    const { features } = await vectorsOf('c9');
    const hidden = await store.library(photos, ({ conceptId }) => conceptId !== 'c9');
    expect(hidden.photosOf('c9' as ConceptId)).toBe(0);
    expect((await hidden.candidates(features)).map(({ conceptId }) => conceptId)).not.toContain('c9');
    expect((await hidden.nearest(features, 1, {}))[0]?.conceptId).not.toBe('c9');
    const open = await store.library(photos, all);
    expect((await open.nearest(features, 1, {}))[0]?.conceptId).toBe('c9');
    expect(open.photosOf('c9' as ConceptId)).toBe(1);
  });

  it('follows memory: what is saved counts at once, what is deleted is found no more', async () => {
    const store = createVectorStore(memory, encoder);
    await store.library(photos, all);
    const ten = await vectorsOf('c10');
    await store.save({ ...ten, features: (await vectorsOf('c30')).features });
    expect((await store.read([ten.photoId]))[0]?.features).toEqual((await vectorsOf('c30')).features);
    const left = photos.filter(({ conceptId }) => conceptId !== 'c11');
    const { features } = await vectorsOf('c11');
    const library = await store.library(left, all);
    expect((await library.nearest(features, COUNT, {})).map(({ conceptId }) => conceptId)).not.toContain('c11');
  });

  it('leaves out vectors of another encoder until they are made anew', async () => {
    const other = await vectorsOf('c12', 'another' as Fingerprint);
    await memory.saveVectors(other);
    const store = createVectorStore(memory, encoder);
    expect(await store.read([other.photoId])).toEqual([]);
    expect((await store.library(photos, all)).photosOf('c12' as ConceptId)).toBe(0);
    await store.save(await vectorsOf('c12'));
    expect((await store.library(photos, all)).photosOf('c12' as ConceptId)).toBe(1);
  });
});
