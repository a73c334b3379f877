// What every act shares: ports, the model queue, memory as last read, and the snapshots that tell the page of changes.

import type { ChatSummary, MemorySnapshot } from '../core/acts';
import { AppError, isAppError } from '../core/errors';
import { sourceId } from '../core/stages/encode';
import type { Recall } from '../core/recall';
import { bytesByConcept, countSources, staleBlocks, type StoredBlock } from '../core/stages/store';
import { buildTextIndex, type TextIndex } from '../core/text-index';
import type {
  BlockSource,
  Concept,
  ConceptId,
  Fact,
  Fingerprint,
  Patch,
  Photo,
  PhotoId,
  PhotoVectors,
} from '../core/types';
import { keptModels } from './block-models';
import { calibrationOf } from './calibrating';
import type { EnginePorts } from './engine';
import type { PhotoLibrary } from './photo-library';
import type { Calibration } from './ports';
import { createQueue, type ModelQueue } from './queue';
import { createVectorStore } from './vectors';

/** Memory without pixels, vectors and K/V: small enough to read whole. */
export interface MemoryState {
  readonly concepts: readonly Concept[];
  readonly facts: readonly Fact[];
  readonly photos: readonly Photo[];
  readonly patches: readonly Patch[];
  readonly blocks: readonly StoredBlock[];
  readonly blockOf: ReadonlyMap<string, StoredBlock>; // by sourceId, blocks of the present model only
  readonly index: TextIndex;
  readonly recall: Recall | undefined;
}

export interface Context {
  readonly ports: EnginePorts;
  readonly queue: ModelQueue;
  /** Memory as it is now; read again after `changed`. */
  state(): Promise<MemoryState>;
  /** Models whose blocks stay when another one makes its own: block-models.ts. */
  keptModels(): Promise<ReadonlySet<Fingerprint>>;
  /** Vectors by the present encoder: of these photos, or of all. */
  vectors(ids?: readonly PhotoId[]): Promise<PhotoVectors[]>;
  /** The same as a question asks for them; of some photos alone, where `isShown` says so. */
  library(isShown?: (photo: Photo) => boolean): Promise<PhotoLibrary>;
  saveVectors(vectors: PhotoVectors): Promise<void>;
  /** What scores of the present encoder mean. */
  calibration(): Promise<Calibration>;
  /** What was read is read again next time, without a snapshot. */
  forget(): void;
  /** After every write: forgets what was read and sends a snapshot soon (several writes, one snapshot). */
  changed(): void;
  chatsChanged(): Promise<void>;
  /** Resolves when the last snapshot asked for was sent. */
  settled(): Promise<void>;
}

export function createContext(ports: EnginePorts): Context {
  const { memory, vlm, encoder } = ports;
  let known: Promise<MemoryState> | undefined;
  const vectors = createVectorStore(memory, encoder, ports.makeIndex);
  let kept: Promise<ReadonlySet<Fingerprint>> | undefined;
  let asked = 0;
  let sending: Promise<void> | undefined;

  async function readState(): Promise<MemoryState> {
    const [concepts, facts, photos, patches, blocks] = await Promise.all([
      memory.listConcepts(),
      memory.listFacts(),
      memory.listPhotos(),
      memory.listPatches(),
      memory.listBlocks(),
    ]);
    const mine = blocks.filter((block) => block.model === vlm.info.fingerprint);
    let index: TextIndex | undefined;
    return {
      concepts,
      facts,
      photos,
      patches,
      blocks,
      blockOf: new Map(mine.map((block) => [sourceId(block.source), block])),
      get index() {
        return (index ??= buildTextIndex(concepts, facts)); // most reads are for snapshots and never search
      },
      recall: ports.recall,
    };
  }

  async function send(): Promise<void> {
    for (let done = -1; done !== asked;) {
      done = asked;
      ports.onMemory(await snapshot(await context.state(), ports));
    }
  }

  const context: Context = {
    ports,
    queue: createQueue(),
    state: () => (known ??= readState()),
    keptModels: () => (kept ??= keptModels(memory, vlm.info)),
    async vectors(ids) {
      const { photos } = await context.state();
      const wanted = ids === undefined ? undefined : new Set(ids);
      return vectors.read(photos.flatMap(({ id }) => (wanted?.has(id) === false ? [] : [id])));
    },
    async library(isShown = () => true) {
      const { photos } = await context.state();
      return vectors.library(photos, isShown);
    },
    saveVectors: (one) => vectors.save(one),
    calibration: () => calibrationOf(encoder, memory),
    forget() {
      known = undefined;
    },
    changed() {
      known = undefined;
      asked++;
      sending ??= send()
        .catch((error: unknown) => ports.onFault(asAppError(error)))
        .finally(() => (sending = undefined));
    },
    async chatsChanged() {
      const chats = await memory.listChats();
      const summaries = chats.map(({ id, title, updatedAt }): ChatSummary => ({ id, title, updatedAt }));
      ports.onChats(summaries.sort((a, b) => b.updatedAt - a.updatedAt || a.id.localeCompare(b.id)));
    },
    async settled() {
      while (sending !== undefined) await sending;
    },
  };
  return context;
}

async function snapshot(state: MemoryState, { memory, vlm }: EnginePorts): Promise<MemorySnapshot> {
  const [jobs, usage] = await Promise.all([memory.listJobs(), memory.usage()]);
  const derived = bytesByConcept(state.blocks);
  const of = <T extends { readonly conceptId: ConceptId }>(list: readonly T[], id: ConceptId): T[] =>
    list.filter((item) => item.conceptId === id);
  return {
    concepts: state.concepts.map((concept) => {
      const photos = of(state.photos, concept.id);
      return {
        concept,
        facts: of(state.facts, concept.id),
        photos,
        patches: of(state.patches, concept.id),
        jobs: of(jobs, concept.id),
        bytes: photos.reduce((sum, photo) => sum + photo.bytes, derived.get(concept.id) ?? 0),
      };
    }),
    totalBytes: usage.photosBytes + usage.blocksBytes + usage.vectorsBytes + usage.chatsBytes,
    quotaBytes: usage.quotaBytes,
    blocks: countSources(state.blocks),
    staleBlocks: staleBlocks(state.blocks, vlm.info.fingerprint).length,
  };
}

/** Any thrown value as an AppError, so that the page always gets a code and a sentence. */
export function asAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('internal', `Something went wrong inside Jarvis: ${message}`, { cause: error });
}

/** Whether the models cannot be used any more and the worker must be restarted. */
export function isFatal(error: unknown): boolean {
  return (
    isAppError(error) && ['model-run', 'out-of-memory', 'gpu-lost', 'worker-died', 'encoder-load'].includes(error.code)
  );
}

export function blockOf(state: MemoryState, source: BlockSource): StoredBlock | undefined {
  return state.blockOf.get(sourceId(source));
}
