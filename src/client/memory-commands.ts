// What a person can do with memory, one function an act.

import type { Box, Card, Concept, ConceptId, Fact, FactId, Photo, PhotoId } from '../core/types';
import type { ConceptEdit, EnrolRequest, NewPhoto, ScoreMap } from '../rpc/protocol';
import { engineApi } from './engine';
import { did, perform, performWithUndo } from './perform';
import { toast } from './toasts';

/** Throws: the enrolment dialog shows the sentence beside what the user typed. */
export async function enrol(request: EnrolRequest): Promise<ConceptId> {
  const api = await engineApi();
  const { conceptId, rejected } = await api.enrol(request);
  void keepStorage();
  sayRejected(rejected);
  return conceptId;
}

/** Throws, like `enrol`. */
export async function addPhotos(conceptId: ConceptId, photos: readonly NewPhoto[]): Promise<void> {
  const api = await engineApi();
  const { rejected } = await api.addPhotos(conceptId, photos);
  sayRejected(rejected);
}

export async function readNewPhotos(files: readonly File[]): Promise<NewPhoto[]> {
  return Promise.all(
    files.map(async (file) => ({ fileName: file.name, mime: file.type, bytes: await file.arrayBuffer() })),
  );
}

export const cancelPhoto = (id: PhotoId): Promise<boolean> => did((api) => api.cancelPhoto(id));

export const retryPhoto = (id: PhotoId): Promise<boolean> => did((api) => api.retryPhoto(id));

export const deletePhoto = (photo: Photo): Promise<boolean> =>
  performWithUndo('Photo deleted.', (api) => api.deletePhoto(photo.id));

export const replacePatches = (id: PhotoId, boxes: readonly Box[]): Promise<boolean> =>
  did((api) => api.replacePatches(id, boxes));

/** Undefined when the photo has none yet, or it could not be read (the user has been told). */
export const readScoreMap = (id: PhotoId): Promise<ScoreMap | undefined> => perform((api) => api.readScoreMap(id));

export const editConcept = (id: ConceptId, edit: ConceptEdit): Promise<boolean> =>
  did((api) => api.editConcept(id, edit));

export const saveCard = (id: ConceptId, card: Card): Promise<boolean> =>
  did((api) => api.editConcept(id, { card: { ...card, edited: true } }));

export const deleteConcept = (concept: Concept): Promise<boolean> =>
  performWithUndo(`${concept.name} is forgotten.`, (api) => api.deleteConcept(concept.id));

export const addFacts = (id: ConceptId, facts: readonly string[]): Promise<boolean> =>
  did((api) => api.addFacts(id, facts));

export const editFact = (id: FactId, text: string): Promise<boolean> => did((api) => api.editFact(id, text));

export const deleteFact = (fact: Fact): Promise<boolean> =>
  performWithUndo('Fact deleted.', (api) => api.deleteFact(fact.id));

function sayRejected(rejected: readonly { fileName: string; message: string }[]): void {
  for (const { fileName, message } of rejected) toast({ text: `${fileName}: ${message}`, tone: 'error' });
}

/** From the first memory on the browser is asked not to clear this origin when the disk fills up; a no changes nothing. */
async function keepStorage(): Promise<void> {
  if (!(await navigator.storage.persisted())) await navigator.storage.persist();
}
