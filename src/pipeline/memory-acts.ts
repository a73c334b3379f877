// Acts on memory: enrol, add, edit, delete and undo. Sources are written here and at once; what derives from them follows
// in the background.

import type { ConceptEdit, EnrolRequest, NewPhoto, UndoToken } from '../core/acts';
import { AppError } from '../core/errors';
import { boxOverlap, clampBox } from '../core/image';
import { checkAliases, checkName, splitFacts } from '../core/stages/enrol';
import type { BlockSource, Box, Card, Concept, ConceptId, Fact, FactId, Patch, PatchId, PhotoId } from '../core/types';
import type { Background } from './background';
import { LAST_CHECK_UP } from './check-up';
import type { Context } from './context';
import type { Rejected } from './engine';
import { noPatchesKey } from './mining';
import { acceptPhotos, waitingJob } from './remember';
import type { Undo } from './undo';

export interface MemoryActs {
  enrol(request: EnrolRequest): Promise<{ conceptId: ConceptId; rejected: Rejected[] }>;
  addPhotos(conceptId: ConceptId, photos: readonly NewPhoto[]): Promise<{ rejected: Rejected[] }>;
  deletePhoto(photoId: PhotoId): Promise<UndoToken>;
  replacePatches(photoId: PhotoId, boxes: readonly Box[]): Promise<void>;
  editConcept(id: ConceptId, edit: ConceptEdit): Promise<void>;
  deleteConcept(id: ConceptId): Promise<UndoToken>;
  addFacts(id: ConceptId, facts: readonly string[]): Promise<void>;
  editFact(id: FactId, text: string): Promise<void>;
  deleteFact(id: FactId): Promise<UndoToken>;
}

export function createMemoryActs(context: Context, background: Background, undo: Undo): MemoryActs {
  const { memory } = context.ports;

  function changed(id: ConceptId): void {
    context.changed();
    background.wake([id]);
  }

  async function conceptOf(id: ConceptId): Promise<Concept> {
    const concept = await memory.readConcept(id);
    if (concept === undefined) throw new AppError('bad-input', 'This is not in memory any more.');
    return concept;
  }

  /** Blocks that a coming change makes wrong go first, so that no answer can link them, whatever happens in between. */
  async function dropBlocks(which: (source: BlockSource) => boolean): Promise<void> {
    const keys = (await memory.listBlocks()).filter((block) => which(block.source)).map((block) => block.key);
    if (keys.length > 0) await memory.deleteBlocks(keys);
  }

  async function savePhotos(conceptId: ConceptId, files: readonly NewPhoto[]): Promise<Rejected[]> {
    const { accepted, rejected } = await acceptPhotos(context, conceptId, files);
    if (accepted.length > 0) {
      await memory.savePhotos(
        accepted.map(({ photo, bytes }) => ({ photo, bytes })),
        accepted.map(({ job }) => job),
      );
    }
    return rejected;
  }

  function newFacts(conceptId: ConceptId, texts: readonly string[]): Fact[] {
    const now = Date.now();
    return texts.map((text, index) => ({
      id: crypto.randomUUID() as FactId,
      conceptId,
      text,
      createdAt: now + index, // keeps the order in which they were written
    }));
  }

  return {
    async enrol(request) {
      const others = await memory.listConcepts();
      const name = checkName(request.name, others);
      const aliases = checkAliases(request.aliases, name, others);
      const facts = splitFacts(request.facts);
      const id = crypto.randomUUID() as ConceptId;
      const { accepted, rejected } = await acceptPhotos(context, id, request.photos);
      const first = rejected[0];
      if (first !== undefined && accepted.length === 0 && facts.length === 0) {
        throw new AppError('bad-image', `“${first.fileName}” could not be used. ${first.message}`);
      }
      const now = Date.now();
      await memory.saveConcept({ id, name, aliases, card: undefined, createdAt: now, updatedAt: now });
      if (facts.length > 0) await memory.saveFacts(newFacts(id, facts));
      if (accepted.length > 0) {
        await memory.savePhotos(
          accepted.map(({ photo, bytes }) => ({ photo, bytes })),
          accepted.map(({ job }) => job),
        );
      }
      changed(id);
      return { conceptId: id, rejected };
    },

    async addPhotos(conceptId, photos) {
      await conceptOf(conceptId);
      const rejected = await savePhotos(conceptId, photos);
      changed(conceptId);
      return { rejected };
    },

    async deletePhoto(photoId) {
      const patches = (await memory.listPatches()).filter((patch) => patch.photoId === photoId && patch.by === 'user');
      const removed = await memory.deletePhoto(photoId);
      if (removed === undefined) throw new AppError('bad-input', 'This photo is not in memory any more.');
      const { conceptId } = removed.photo;
      changed(conceptId);
      return undo.keep(async () => {
        await memory.savePhotos([removed], [waitingJob(photoId, conceptId, '')]);
        if (patches.length > 0) await memory.replacePatches(photoId, patches);
        changed(conceptId);
      });
    },

    async replacePatches(photoId, boxes) {
      const photo = (await memory.listPhotos()).find((other) => other.id === photoId);
      if (photo === undefined) throw new AppError('bad-input', 'This photo is not in memory any more.');
      const old = (await memory.listPatches(photo.conceptId)).filter((patch) => patch.photoId === photoId);
      const next = boxes.map((raw): Patch => {
        const box = clampBox(raw);
        // A box left where it was keeps its id and so its block.
        const same = old.find((patch) => boxOverlap(patch.box, box) > 0.999);
        const id = same?.id ?? (crypto.randomUUID() as PatchId);
        return { id, conceptId: photo.conceptId, photoId, box, score: same?.score ?? 1, by: 'user' };
      });
      await memory.saveSetting(noPatchesKey(photoId), next.length === 0);
      await memory.replacePatches(photoId, next);
      changed(photo.conceptId);
    },

    async editConcept(id, edit) {
      const concept = await conceptOf(id);
      const others = await memory.listConcepts();
      const name = edit.name === undefined ? concept.name : checkName(edit.name, others, id);
      const aliases = edit.aliases === undefined ? concept.aliases : checkAliases(edit.aliases, name, others, id);
      const given: Card | undefined = edit.card === undefined ? concept.card : { ...edit.card, edited: true };
      const card = given === undefined ? undefined : { ...given, name };
      if (name !== concept.name) await dropBlocks((source) => source.conceptId === id);
      else if (edit.card !== undefined) await dropBlocks((source) => source.conceptId === id && source.kind === 'card');
      await memory.saveConcept({ ...concept, name, aliases, card, updatedAt: Date.now() });
      changed(id);
    },

    async deleteConcept(id) {
      const snapshot = await memory.deleteConcept(id);
      if (snapshot === undefined) throw new AppError('bad-input', 'This is not in memory any more.');
      // The last check-up may name what is forgotten.
      if ((await memory.readSetting(LAST_CHECK_UP)) !== undefined) await memory.saveSetting(LAST_CHECK_UP, null);
      changed(id); // its siblings are told apart from one fewer
      return undo.keep(async () => {
        // The name may have been given away since.
        checkName(snapshot.concept.name, await memory.listConcepts());
        await memory.restoreConcept(snapshot);
        changed(id);
      });
    },

    async addFacts(id, lines) {
      await conceptOf(id);
      const known = (await memory.listFacts(id)).map((fact) => fact.text);
      const facts = splitFacts(lines, known);
      if (facts.length === 0) return;
      await memory.saveFacts(newFacts(id, facts));
      changed(id);
    },

    async editFact(id, text) {
      const all = await memory.listFacts();
      const fact = all.find((other) => other.id === id);
      if (fact === undefined) throw new AppError('bad-input', 'This fact is not in memory any more.');
      const others = all.filter((other) => other.conceptId === fact.conceptId && other.id !== id);
      const [tidy, more] = splitFacts(
        [text],
        others.map((other) => other.text),
      );
      if (tidy === undefined) throw new AppError('bad-input', 'Write a fact, or delete it.');
      if (more !== undefined) throw new AppError('bad-input', 'One fact is one line.');
      if (tidy === fact.text) return;
      await dropBlocks((source) => source.kind === 'fact' && source.factId === id);
      await memory.saveFacts([{ ...fact, text: tidy }]);
      changed(fact.conceptId);
    },

    async deleteFact(id) {
      const fact = await memory.deleteFact(id);
      if (fact === undefined) throw new AppError('bad-input', 'This fact is not in memory any more.');
      changed(fact.conceptId);
      return undo.keep(async () => {
        await memory.saveFacts([fact]);
        changed(fact.conceptId);
      });
    },
  };
}
