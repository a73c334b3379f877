// MemoryPort in plain Maps: the same suite as IndexedDB's (memory-suite.ts). Values are copied in and out, as a disk would.
import type {
  BlockKey,
  BlockRecord,
  Chat,
  ChatId,
  Concept,
  ConceptId,
  Fact,
  FactId,
  Patch,
  PatchId,
  Photo,
  PhotoId,
  PhotoJob,
  PhotoVectors,
} from '../../src/core/types';
import type { MemoryPort } from '../../src/pipeline/ports';

export function fakeMemory(): MemoryPort {
  const concepts = new Map<ConceptId, Concept>();
  const facts = new Map<FactId, Fact>();
  const photos = new Map<PhotoId, { photo: Photo; bytes: ArrayBuffer }>();
  const patches = new Map<PatchId, Patch>();
  const vectors = new Map<PhotoId, PhotoVectors>();
  const blocks = new Map<BlockKey, BlockRecord>();
  const jobs = new Map<PhotoId, PhotoJob>();
  const chats = new Map<ChatId, Chat>();
  const settings = new Map<string, unknown>();

  const copy = <T>(value: T): T => structuredClone(value);
  const listed = <T>(map: ReadonlyMap<unknown, T>, keep: (value: T) => boolean = () => true): T[] =>
    [...map.values()].filter(keep).map(copy);
  /** A transaction of the real store ends before its promise resolves: here the next microtask is enough. */
  const now = <T>(act: () => T): Promise<T> => Promise.resolve().then(act);
  const removeWhere = <K, V>(map: Map<K, V>, gone: (value: V) => boolean): void => {
    for (const [key, value] of map) if (gone(value)) map.delete(key);
  };

  function removePhoto(id: PhotoId): { photo: Photo; bytes: ArrayBuffer } | undefined {
    const found = photos.get(id);
    photos.delete(id);
    removeWhere(patches, (patch) => patch.photoId === id);
    removeWhere(blocks, ({ source }) => source.kind === 'patch' && source.photoId === id);
    vectors.delete(id);
    jobs.delete(id);
    return found;
  }

  function isLive({ source }: BlockRecord): boolean {
    if (source.kind === 'fact') return facts.has(source.factId);
    if (source.kind === 'patch') return patches.has(source.patchId);
    return concepts.has(source.conceptId);
  }

  return {
    listConcepts: () => now(() => listed(concepts).sort((a, b) => a.createdAt - b.createdAt)),
    readConcept: (id) => now(() => copy(concepts.get(id))),
    saveConcept: (concept) => now(() => void concepts.set(concept.id, copy(concept))),
    deleteConcept: (id) =>
      now(() => {
        const concept = concepts.get(id);
        if (concept === undefined) return undefined;
        const own = (value: { conceptId: ConceptId }): boolean => value.conceptId === id;
        const snapshot = {
          concept,
          facts: listed(facts, own),
          photos: listed(photos, ({ photo }) => own(photo)),
          patches: listed(patches, (patch) => own(patch) && patch.by === 'user'),
        };
        concepts.delete(id);
        removeWhere(facts, own);
        for (const { photo } of snapshot.photos) removePhoto(photo.id);
        removeWhere(blocks, ({ source }) => own(source));
        return snapshot;
      }),
    restoreConcept: (snapshot) =>
      now(() => {
        const { concept, facts: ownFacts, photos: ownPhotos, patches: ownPatches } = copy(snapshot);
        concepts.set(concept.id, concept);
        for (const fact of ownFacts) facts.set(fact.id, fact);
        for (const entry of ownPhotos) photos.set(entry.photo.id, entry);
        for (const patch of ownPatches) patches.set(patch.id, patch);
      }),

    listFacts: (id) =>
      now(() =>
        listed(facts, (fact) => id === undefined || fact.conceptId === id).sort((a, b) => a.createdAt - b.createdAt),
      ),
    saveFacts: (list) => now(() => list.forEach((fact) => facts.set(fact.id, copy(fact)))),
    deleteFact: (id) =>
      now(() => {
        const fact = facts.get(id);
        facts.delete(id);
        removeWhere(blocks, ({ source }) => source.kind === 'fact' && source.factId === id);
        return fact;
      }),

    listPhotos: (id) =>
      now(() =>
        listed(photos, ({ photo }) => id === undefined || photo.conceptId === id)
          .map(({ photo }) => photo)
          .sort((a, b) => a.createdAt - b.createdAt),
      ),
    readPhoto: (id) => now(() => copy(photos.get(id))),
    savePhotos(list, newJobs) {
      const taken = copy({ list, newJobs }); // before anything is awaited: the caller may change its buffers
      return now(() => {
        for (const entry of taken.list) photos.set(entry.photo.id, entry);
        for (const job of taken.newJobs) jobs.set(job.photoId, job);
      });
    },
    deletePhoto: (id) => now(() => removePhoto(id)),

    listPatches: (id) => now(() => listed(patches, (patch) => id === undefined || patch.conceptId === id)),
    replacePatches: (photoId, list) =>
      now(() => {
        if (!photos.has(photoId)) return;
        const kept = new Set(list.map((patch) => patch.id));
        removeWhere(patches, (patch) => patch.photoId === photoId);
        for (const patch of list) patches.set(patch.id, copy(patch));
        removeWhere(
          blocks,
          ({ source }) => source.kind === 'patch' && source.photoId === photoId && !kept.has(source.patchId),
        );
      }),

    readVectors: (ids) => now(() => listed(vectors).filter(({ photoId }) => ids?.includes(photoId) ?? true)),
    saveVectors: (one) =>
      now(() => {
        if (photos.has(one.photoId)) vectors.set(one.photoId, copy(one));
      }),

    readBlocks: (keys) =>
      now(
        () =>
          new Map(
            keys.flatMap((key) => {
              const block = blocks.get(key);
              return block === undefined ? [] : [[key, copy(block)] as const];
            }),
          ),
      ),
    saveBlocks: (list) => now(() => list.filter(isLive).forEach((block) => blocks.set(block.key, copy(block)))),
    listBlocks: () => now(() => listed(blocks).map((block) => ({ ...block, bytes: block.bytes.byteLength }))),
    noteUse: (keys) =>
      now(() => {
        for (const key of keys) {
          const block = blocks.get(key);
          if (block) blocks.set(key, { ...block, uses: block.uses + 1, usedAt: Date.now() });
        }
      }),
    deleteBlocks: (keys) => now(() => keys.forEach((key) => blocks.delete(key))),

    listJobs: () => now(() => listed(jobs)),
    saveJobs: (list) =>
      now(() => list.filter((job) => photos.has(job.photoId)).forEach((job) => jobs.set(job.photoId, copy(job)))),
    deleteJobs: (ids) => now(() => ids.forEach((id) => jobs.delete(id))),

    listChats: () => now(() => listed(chats).sort((a, b) => b.updatedAt - a.updatedAt)),
    readChat: (id) => now(() => copy(chats.get(id))),
    saveChat: (chat) => now(() => void chats.set(chat.id, copy(chat))),
    deleteChat: (id) =>
      now(() => {
        const chat = chats.get(id);
        chats.delete(id);
        return chat;
      }),

    readSetting: (key) => now(() => copy(settings.get(key))),
    saveSetting: (key, value) => now(() => void settings.set(key, copy(value))),

    usage: () =>
      now(() => ({
        photosBytes: sum([...photos.values()].map(({ bytes }) => bytes.byteLength)),
        blocksBytes: sum([...blocks.values()].map(({ bytes }) => bytes.byteLength)),
        vectorsBytes: sum([...vectors.values()].map(vectorBytes)),
        chatsBytes: sum([...chats.values()].map(chatBytes)),
        quotaBytes: undefined,
      })),
  };
}

function vectorBytes({ features, scoreMap, subject }: PhotoVectors): number {
  return 4 * (features.grid.length + features.global.length + scoreMap.length + subject.length);
}

function chatBytes({ messages }: Chat): number {
  return sum(
    messages.map(
      (message) => 2 * message.text.length + (message.role === 'user' ? (message.photo?.bytes.byteLength ?? 0) : 0),
    ),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
