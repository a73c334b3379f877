// The stored photos as recognition asks for them: the few that may bear on a photo, whatever the size of memory.

import { FULL_MATCHES } from '../core/match';
import { createPhotoIndex, type MakeIndex, type PhotoIndex, type Whose } from '../core/photo-candidates';
import type { FeatureRows } from '../core/stages/mine-signals';
import type { ConceptId, PatchFeatures, PhotoId, PhotoVectors } from '../core/types';

export interface PhotoLibrary {
  /** Photos to compare cell by cell: [Note: Photo candidates]. All of them where there are few. */
  candidates(query: PatchFeatures): Promise<readonly PhotoVectors[]>;
  /** At most `most` photos like the query as a whole, the most alike first. */
  nearest(query: PatchFeatures, most: number, whose: Whose): Promise<readonly PhotoVectors[]>;
  photosOf(id: ConceptId): number;
}

/** Over photos that lie in memory. */
export function libraryOf(vectors: readonly PhotoVectors[], bank: FeatureRows, make?: MakeIndex): PhotoLibrary {
  const index = createPhotoIndex(bank, make);
  for (const photo of vectors) index.add(photo);
  const byId = new Map(vectors.map((photo) => [photo.photoId, photo]));
  const read = (ids: readonly PhotoId[]) => Promise.resolve(ids.flatMap((id) => byId.get(id) ?? []));
  return libraryBy(index, new Map(vectors.map(({ photoId, conceptId }) => [photoId, conceptId])), read);
}

/** `photos`: those of the index that can be found, and whose they are; `read` gives their vectors, in the order asked. */
export function libraryBy(
  index: PhotoIndex,
  photos: ReadonlyMap<PhotoId, ConceptId>,
  read: (ids: readonly PhotoId[]) => Promise<readonly PhotoVectors[]>,
): PhotoLibrary {
  const hidden = index.ids().length - photos.size;
  const shown = (ids: readonly PhotoId[], most: number) => read(ids.filter((id) => photos.has(id)).slice(0, most));
  const counts = new Map<ConceptId, number>();
  for (const conceptId of photos.values()) counts.set(conceptId, (counts.get(conceptId) ?? 0) + 1);
  return {
    candidates: (query) =>
      photos.size <= FULL_MATCHES
        ? read([...photos.keys()])
        : shown(index.candidates(query, FULL_MATCHES + hidden), FULL_MATCHES),
    nearest: (query, most, whose) => shown(index.nearest(query, most + hidden, whose), most),
    photosOf: (id) => counts.get(id) ?? 0,
  };
}
