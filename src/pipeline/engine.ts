// The engine: every act of a person, over ports. workers/vlm.worker.ts wires it to real models, memory and the page.

import type {
  AnswerEvent,
  AskRequest,
  ChatSummary,
  CheckUpProgress,
  CheckUpResult,
  ConceptEdit,
  EnrolRequest,
  MemorySnapshot,
  NewPhoto,
  ScoreMap,
  UndoToken,
} from '../core/acts';
import type { AppError } from '../core/errors';
import type { MakeIndex } from '../core/photo-candidates';
import type { Recall } from '../core/recall';
import type { Box, Chat, ChatId, ConceptId, FactId, Message, PhotoId } from '../core/types';
import { createAnswering } from './answer';
import { createBackground } from './background';
import { createBlocks } from './blocks';
import { calibrate } from './calibrating';
import { createChat, deleteChat, renameChat } from './chats';
import { createCheckUp } from './check-up';
import { createConsent } from './consent';
import { asAppError, createContext } from './context';
import { createLargeActs, type LargeActs } from './large-acts';
import type { LargePort } from './large-model';
import { createLargeChoice } from './large-settings';
import { createMemoryActs } from './memory-acts';
import type { EncoderPort, ImagePort, MemoryPort, VlmPort } from './ports';
import { type Prepared, prepareBlocks } from './prepare';
import { planRebuild } from './rebuild';
import { createRemembering } from './remember';
import { createUndo } from './undo';

export interface EnginePorts {
  readonly vlm: VlmPort;
  readonly encoder: EncoderPort;
  readonly images: ImagePort;
  readonly memory: MemoryPort;
  /** Which facts a question asks for; without it words alone find them. */
  readonly recall?: Recall | undefined;
  /** Searches vectors; the plain loop unless given. */
  readonly makeIndex?: MakeIndex;
  /** Opens larger models; without it this device answers alone. */
  readonly large?: LargePort | undefined;
  /** Tokens of each later block computed again when linking; RECOMPUTE unless given. */
  readonly recompute?: number;
  /** After every change of memory or of a job. */
  readonly onMemory: (snapshot: MemorySnapshot) => void;
  readonly onChats: (chats: readonly ChatSummary[]) => void;
  /** A fault in the background that no call can report; on 'model-run' and 'gpu-lost' the worker must be restarted. */
  readonly onFault: (error: AppError) => void;
}

export interface PhotoBytes {
  readonly mime: string;
  readonly bytes: ArrayBuffer;
}

export interface Rejected {
  readonly fileName: string;
  readonly message: string;
}

/** Everything of VlmWorkerApi but `start` and the wrapping of bytes into Blobs. */
export interface Engine extends LargeActs {
  /** Sends the first snapshots, goes on with jobs a reload cut short and rebuilds stale records in the background. */
  resume(): Promise<void>;

  /** Before `resume`, while another engine answers over the same memory: encodes what this model lacks, most used first. */
  prepare(onProgress: (progress: Prepared) => void, signal: AbortSignal): Promise<void>;

  enrol(request: EnrolRequest): Promise<{ conceptId: ConceptId; rejected: Rejected[] }>;
  addPhotos(conceptId: ConceptId, photos: readonly NewPhoto[]): Promise<{ rejected: Rejected[] }>;
  cancelPhoto(photoId: PhotoId): Promise<void>;
  retryPhoto(photoId: PhotoId): Promise<void>;
  deletePhoto(photoId: PhotoId): Promise<UndoToken>;
  readPhoto(photoId: PhotoId): Promise<PhotoBytes | undefined>;
  /** Undefined until the photo was mined by the present encoder. */
  readScoreMap(photoId: PhotoId): Promise<ScoreMap | undefined>;
  replacePatches(photoId: PhotoId, boxes: readonly Box[]): Promise<void>;

  editConcept(id: ConceptId, edit: ConceptEdit): Promise<void>;
  deleteConcept(id: ConceptId): Promise<UndoToken>;
  addFacts(id: ConceptId, facts: readonly string[]): Promise<void>;
  editFact(id: FactId, text: string): Promise<void>;
  deleteFact(id: FactId): Promise<UndoToken>;
  undo(token: UndoToken): Promise<void>;

  createChat(): Promise<ChatId>;
  readChat(id: ChatId): Promise<Chat | undefined>;
  renameChat(id: ChatId, title: string): Promise<void>;
  deleteChat(id: ChatId): Promise<UndoToken>;
  ask(request: AskRequest, onEvent: (event: AnswerEvent) => void, signal: AbortSignal): Promise<Message>;

  /** Asks memory about itself; an abort ends it with what was asked so far. */
  checkUp(onProgress: (progress: CheckUpProgress) => void, signal: AbortSignal): Promise<CheckUpResult>;
  lastCheckUp(): Promise<CheckUpResult | undefined>;

  /** Resolves when no enrolment or rebuild is running. */
  idle(): Promise<void>;
  /** Ends background work and frees live caches. */
  close(): void;
}

export function createEngine(ports: EnginePorts): Engine {
  const context = createContext(ports);
  const undo = createUndo();
  const blocks = createBlocks(context);
  const remembering = createRemembering(context, blocks);
  const background = createBackground(
    context,
    (conceptId, signal) => remembering.work(conceptId, signal),
    (signal) => calibrate(context, signal),
  );
  const acts = createMemoryActs(context, background, undo);
  const choice = createLargeChoice(context, ports.large);
  const consent = createConsent(context);
  const answering = createAnswering(context, blocks, { choice, consent });
  const checkUp = createCheckUp(context, blocks);
  let warming = Promise.resolve();

  return {
    prepare: (onProgress, signal) => prepareBlocks(context, blocks, onProgress, signal),
    async resume() {
      context.forget(); // what was read while preparing may be old
      if (ports.vlm.isAway === true) {
        context.changed();
        await context.chatsChanged();
        return; // jobs and stale blocks wait for the small model
      }
      const order = await planRebuild(context, true);
      context.changed();
      await context.chatsChanged();
      warming = blocks
        .warm() // first, so that what turns out to be damaged is made again with the rest
        .then(() => context.library())
        .catch((error: unknown) => ports.onFault(asAppError(error)))
        .then(() => background.wake(order));
    },

    ...acts,
    cancelPhoto: (photoId) => remembering.cancel(photoId),
    async retryPhoto(photoId) {
      const job = await remembering.retry(photoId);
      if (job !== undefined) background.wake([job.conceptId]);
    },
    async readPhoto(photoId) {
      const stored = await ports.memory.readPhoto(photoId);
      return stored && { mime: stored.photo.mime, bytes: stored.bytes };
    },
    async readScoreMap(photoId) {
      const mined = (await context.vectors([photoId]))[0];
      if (mined === undefined) return undefined;
      const { gridW, gridH } = mined.features;
      return { gridW, gridH, score: mined.scoreMap };
    },
    async undo(token) {
      await undo.run(token);
      background.wake(await planRebuild(context, false)); // a restored concept needs its derived records again
    },

    createChat: () => createChat(context),
    readChat: (id) => ports.memory.readChat(id),
    renameChat: (id, title) => renameChat(context, id, title),
    async deleteChat(id) {
      const token = await deleteChat(context, undo, id);
      void answering.forget(id); // a question that is being answered may still use its cache
      return token;
    },
    ask: (request, onEvent, signal) => answering.ask(request, onEvent, signal),

    ...createLargeActs(choice, consent),

    checkUp: (onProgress, signal) => checkUp.run(onProgress, signal),
    lastCheckUp: () => checkUp.last(),

    async idle() {
      await warming;
      await background.idle();
    },
    close: () => {
      background.close();
      answering.close();
    },
  };
}
