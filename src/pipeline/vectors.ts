// The vectors of all photos: as many in memory as a budget allows, the others read when they are needed, and an index over all.

import { createPhotoIndex, type MakeIndex } from '../core/photo-candidates';
import type { Photo, PhotoId, PhotoVectors } from '../core/types';
import { libraryBy, type PhotoLibrary } from './photo-library';
import type { EncoderPort, MemoryPort } from './ports';

export interface VectorStore {
  /** Of the present encoder, in the order of the photos; those without are left out. */
  read(ids: readonly PhotoId[]): Promise<PhotoVectors[]>;
  save(vectors: PhotoVectors): Promise<void>;
  /** `photos`: all that are in memory now. The first call reads every one of them, later ones what is new. Only those shown are found. */
  library(photos: readonly Photo[], isShown: (photo: Photo) => boolean): Promise<PhotoLibrary>;
}

/** A photo of the built-in encoder takes 78 KB: so 1,600 of them stay. */
const BUDGET_BYTES = 128e6;
/** Photos read and looked through at once; questions come in between. 0.1 s for the index. */
const PAGE = 16;

export function createVectorStore(
  memory: MemoryPort,
  encoder: EncoderPort,
  make?: MakeIndex,
  budgetBytes = BUDGET_BYTES,
): VectorStore {
  const held = new Map<PhotoId, PhotoVectors>(); // least recently used first
  let heldBytes = 0;
  const index = createPhotoIndex(encoder.background, make);
  let indexing: Promise<unknown> = Promise.resolve();

  function hold(vectors: PhotoVectors): void {
    drop(vectors.photoId);
    held.set(vectors.photoId, vectors);
    heldBytes += bytesOf(vectors);
    for (const id of held.keys()) {
      if (heldBytes <= budgetBytes) break;
      drop(id);
    }
  }

  function drop(id: PhotoId): void {
    const known = held.get(id);
    if (known === undefined) return;
    held.delete(id);
    heldBytes -= bytesOf(known);
  }

  async function read(ids: readonly PhotoId[]): Promise<PhotoVectors[]> {
    const found = new Map<PhotoId, PhotoVectors>();
    const missing = ids.filter((id) => {
      const known = held.get(id);
      if (known !== undefined) {
        found.set(id, known);
        hold(known);
      }
      return known === undefined;
    });
    for (let at = 0; at < missing.length; at += PAGE) {
      for (const vectors of await memory.readVectors(missing.slice(at, at + PAGE))) {
        const saved = held.get(vectors.photoId); // meanwhile
        if (saved === undefined) hold(vectors);
        found.set(vectors.photoId, saved ?? vectors);
      }
    }
    return ids.flatMap((id) => {
      const vectors = found.get(id);
      return vectors?.encoder === encoder.info.fingerprint ? [vectors] : [];
    });
  }

  /** Brings the index to what is in memory: what was deleted goes, what is new comes. */
  async function sync(photos: readonly Photo[]): Promise<void> {
    const present = new Set(photos.map(({ id }) => id));
    for (const id of index.ids()) if (!present.has(id)) index.remove(id);
    const fresh = photos.filter(({ id }) => !index.has(id)).map(({ id }) => id);
    for (let at = 0; at < fresh.length; at += PAGE) {
      for (const vectors of await read(fresh.slice(at, at + PAGE))) index.add(vectors);
      // What is held is read without waiting, and a worker hears nothing before its thread is free.
      if (at + PAGE < fresh.length) await new Promise<void>((resolve) => void setTimeout(resolve));
    }
  }

  return {
    read,
    async save(vectors) {
      await memory.saveVectors(vectors);
      hold(vectors);
      if (index.has(vectors.photoId)) index.add(vectors); // its subject may be another
    },
    async library(photos, isShown) {
      indexing = indexing.catch(() => undefined).then(() => sync(photos));
      await indexing;
      const shown = photos.filter((photo) => index.has(photo.id) && isShown(photo));
      return libraryBy(index, new Map(shown.map(({ id, conceptId }) => [id, conceptId])), read);
    },
  };
}

function bytesOf({ features, scoreMap, subject }: PhotoVectors): number {
  return features.grid.byteLength + features.global.byteLength + scoreMap.byteLength + subject.byteLength;
}
