// The interfaces of the two workers: plain data, one coarse call per user act, events and snapshots back.

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
import type {
  Backend,
  Box,
  Chat,
  ChatId,
  ConceptId,
  FactId,
  Message,
  PatchFeatures,
  PhotoId,
  Pixels,
} from '../core/types';
import type { LargeActs } from '../pipeline/large-acts';
import type { EncoderPort, VlmInfo } from '../pipeline/ports';
import type { Prepared } from '../pipeline/prepare';
import type { ErrorCode } from '../core/errors';
import type { RestDtype } from '../core/kv-block';
import type { LargerState } from '../core/larger';

export type {
  AnswerEvent,
  AskRequest,
  ChatSummary,
  CheckUpProgress,
  CheckUpResult,
  ConceptEdit,
  ConceptView,
  EnrolRequest,
  MemorySnapshot,
  NewPhoto,
  ScoreMap,
  UndoToken,
} from '../core/acts';

export interface StartOptions {
  readonly model: string; // as core/model-choice.ts reads it: 'mini', 'real-size:q4'
  readonly encoder: string; // 'patch'
  readonly backend: 'auto' | Backend;
  readonly baseUrl: string; // where the app is served from, ends in '/'
  readonly rest?: RestDtype; // how blocks are kept; without it the app's own choice
  readonly fallback?: string; // why the page asks for something else than was chosen; goes into the status
  readonly insteadOf?: string; // the model that was chosen and cannot be used; goes into the status
  /** Load and wait: `prepare` and `adopt` follow. Another engine answers over the same memory meanwhile. */
  readonly waits?: boolean;
  /** The small model is not loaded, a larger one has its memory: [Note: Room] in pipeline/away.ts. */
  readonly away?: { readonly info: VlmInfo; readonly status: EngineStatus };
}

export type { Prepared } from '../pipeline/prepare';

export interface EngineStatus {
  readonly model: string;
  readonly label: string; // as people call it: "SmolVLM 256M"; of embedded models their name
  readonly encoder: string;
  readonly backend: Backend;
  readonly device: string;
  readonly fallback: string | undefined; // why not WebGPU, or why not the chosen model, in a sentence
  readonly insteadOf?: string | undefined; // the model that was chosen
  readonly selfTest: { readonly maxLogitDifference: number; readonly ms: number }; // the difference: of their span
}

export type EngineEvent =
  | { readonly kind: 'loading'; readonly what: string; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly kind: 'ready'; readonly status: EngineStatus }
  | { readonly kind: 'memory'; readonly snapshot: MemorySnapshot } // after every change of memory or of a job
  | { readonly kind: 'chats'; readonly chats: readonly ChatSummary[] }
  | { readonly kind: 'larger'; readonly state: LargerState } // told by the page's side of it: client/larger-model.ts
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** Implemented by workers/vlm.worker.ts: runs the pipeline, the only writer to IndexedDB. */
export interface VlmWorkerApi extends LargeActs {
  /** Loads models; resolves when questions can be asked. `encoder` is one end of the channel to the encoder worker. */
  start(options: StartOptions, encoder: MessagePort, onEvent: (event: EngineEvent) => void): Promise<EngineStatus>;

  /** Hands over the channel to larger models that only a page can reach: rpc/model-port.ts. */
  connectModels(port: MessagePort): Promise<void>;
  /** What the small model is called, for a start without it. */
  describeSmall(): Promise<VlmInfo>;

  /** After a start that `waits`: encodes memory for this model, most used first. */
  prepare(onProgress: (progress: Prepared) => void, signal: AbortSignal): Promise<void>;
  /** After `prepare`: from here on this engine answers, and the other one has ended. */
  adopt(): Promise<void>;

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

  /** Asks memory about itself and keeps the result; an abort resolves with what was asked so far. */
  checkUp(onProgress: (progress: CheckUpProgress) => void, signal: AbortSignal): Promise<CheckUpResult>;
  lastCheckUp(): Promise<CheckUpResult | undefined>;

  /** Resolves when no enrolment or rebuild is running (tests, eval). */
  idle(): Promise<void>;
}

/** Implemented by workers/encoder.worker.ts; the VLM worker calls it over a MessagePort, not through the page. */
export interface EncoderWorkerApi {
  start(options: StartOptions): Promise<{ backend: Backend; device: string }>;
  /** Hands over the channel on which the VLM worker will call `EncoderChannelApi`. */
  connect(port: MessagePort): Promise<void>;
}

/** An EncoderPort without its method: what the VLM worker must know of the encoder. */
export type EncoderDescription = Pick<EncoderPort, 'info' | 'background' | 'calibration'>;

/** What the encoder worker answers on that channel. */
export interface EncoderChannelApi {
  /** Waits until the encoder's files are read; rejects with why they could not be. */
  describe(): Promise<EncoderDescription>;
  /** Builds the network now, so that the first photo does not wait for it. */
  warmUp(): Promise<void>;
  encode(pixels: Pixels, signal: AbortSignal): Promise<PatchFeatures>;
  /** As `encode`, by the embedded encoder whichever was chosen: what the look sees through (src/runtime/look.ts). */
  see(pixels: Pixels, signal: AbortSignal): Promise<PatchFeatures>;
}
