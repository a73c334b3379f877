// The interfaces of the two workers: plain data, one coarse call per user act, events and snapshots back.

import type {
  Backend,
  Box,
  Card,
  Chat,
  ChatId,
  Concept,
  ConceptId,
  Fact,
  FactId,
  Message,
  MessageId,
  Patch,
  Photo,
  PhotoId,
  PhotoJob,
  Stage,
} from '../core/types';
import type { ErrorCode } from '../core/errors';

export interface StartOptions {
  readonly model: string; // folder under models/, 'mini'
  readonly encoder: string; // 'patch'
  readonly backend: 'auto' | Backend;
  readonly baseUrl: string; // where the app is served from, ends in '/'
}

export interface EngineStatus {
  readonly model: string;
  readonly encoder: string;
  readonly backend: Backend;
  readonly device: string;
  readonly fallback: string | undefined; // why not WebGPU, in a sentence
  readonly selfTest: { readonly maxLogitDifference: number; readonly ms: number };
}

/** One concept as the page shows it. */
export interface ConceptView {
  readonly concept: Concept;
  readonly facts: readonly Fact[];
  readonly photos: readonly Photo[];
  readonly patches: readonly Patch[];
  readonly jobs: readonly PhotoJob[];
  readonly bytes: number;
}

export interface MemorySnapshot {
  readonly concepts: readonly ConceptView[];
  readonly totalBytes: number;
  readonly quotaBytes: number | undefined;
  readonly staleBlocks: number; // waiting to be rebuilt for the present model
}

export interface ChatSummary {
  readonly id: ChatId;
  readonly title: string;
  readonly updatedAt: number;
}

export type EngineEvent =
  | { readonly kind: 'loading'; readonly what: string; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly kind: 'ready'; readonly status: EngineStatus }
  | { readonly kind: 'memory'; readonly snapshot: MemorySnapshot } // after every change of memory or of a job
  | { readonly kind: 'chats'; readonly chats: readonly ChatSummary[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

export type AnswerEvent =
  | { readonly kind: 'stage'; readonly stage: Stage; readonly note: string }
  | { readonly kind: 'text'; readonly text: string } // the whole answer so far
  | { readonly kind: 'done'; readonly message: Message };

export interface NewPhoto {
  readonly fileName: string;
  readonly mime: string;
  readonly bytes: ArrayBuffer;
}

export interface EnrolRequest {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly facts: readonly string[];
  readonly photos: readonly NewPhoto[];
}

export interface ConceptEdit {
  readonly name?: string;
  readonly aliases?: readonly string[];
  readonly card?: Card;
}

export interface AskRequest {
  readonly chatId: ChatId;
  readonly text: string;
  readonly photo?: { readonly mime: string; readonly bytes: ArrayBuffer };
  /** Answer as if nothing were remembered (the eval's baseline). */
  readonly noMemory?: boolean;
  /** Replace this answer and everything after it. */
  readonly regenerate?: MessageId;
}

/** What was removed can be put back while the page is open. */
export type UndoToken = string;

/** Implemented by workers/vlm.worker.ts: runs the pipeline, the only writer to IndexedDB. */
export interface VlmWorkerApi {
  /** Loads models; resolves when questions can be asked. `encoder` is one end of the channel to the encoder worker. */
  start(options: StartOptions, encoder: MessagePort, onEvent: (event: EngineEvent) => void): Promise<EngineStatus>;

  /** Checks and accepts the photos (a job each), then mines and encodes in the background; 'memory' events tell. */
  enrol(request: EnrolRequest): Promise<{ conceptId: ConceptId; rejected: { fileName: string; message: string }[] }>;
  addPhotos(
    conceptId: ConceptId,
    photos: readonly NewPhoto[],
  ): Promise<{ rejected: { fileName: string; message: string }[] }>;
  cancelPhoto(photoId: PhotoId): Promise<void>;
  retryPhoto(photoId: PhotoId): Promise<void>;
  deletePhoto(photoId: PhotoId): Promise<UndoToken>;
  readPhoto(photoId: PhotoId): Promise<Blob | undefined>;
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

  /** Resolves when no enrolment or rebuild is running (tests, eval). */
  idle(): Promise<void>;
}

/** Implemented by workers/encoder.worker.ts; the VLM worker calls it over a MessagePort, not through the page. */
export interface EncoderWorkerApi {
  start(options: StartOptions): Promise<{ backend: Backend; device: string }>;
  /** Hands over the channel on which the VLM worker will call `EncoderChannelApi`. */
  connect(port: MessagePort): Promise<void>;
}
