// What the pipeline needs from the outside. Each port has one real implementation and one fake that passes the same suite.

import type { MatchCalibration } from '../core/match';
import type {
  Backend,
  BlockKey,
  BlockRecord,
  Chat,
  ChatId,
  Concept,
  ConceptId,
  Fact,
  FactId,
  Fingerprint,
  KvShape,
  Patch,
  PatchFeatures,
  Photo,
  PhotoId,
  PhotoJob,
  PhotoVectors,
  Pixels,
  RopeSpec,
  Segment,
} from '../core/types';
import type { BlockStamp, KvBlock, RestDtype } from '../core/kv-block';
import type { LookFinding, LookQuery, LookWords } from '../core/look';
import type { Sampling } from '../core/stages/decode';
import type { StoredBlock } from '../core/stages/store';

// ---------------------------------------------------------------- models

export interface VlmInfo {
  readonly id: string; // 'mini'
  readonly fingerprint: Fingerprint;
  readonly backend: Backend;
  readonly device: string; // adapter name, or "WASM, 2 threads"
  readonly kv: KvShape;
  readonly rope: RopeSpec;
  readonly prefixHash: string;
  readonly prefixTokens: number;
  readonly maxTokens: number; // positions the model was made for
  readonly rest: RestDtype; // how encodeBlock leaves blocks; part of the fingerprint
  readonly readsTurns: boolean; // core/model-traits.ts, as the next
  readonly cutsNotes: boolean;
  readonly checksInWords: boolean;
}

/** What a block of this model is stamped with. */
export function stampOf({ kv, rope, fingerprint, prefixHash }: VlmInfo): BlockStamp {
  return { shape: kv, rope, model: fingerprint, prefixHash };
}

/** The small model's eyes: [Note: Look] in core/look.ts. */
export interface LookPort {
  readonly words: LookWords;
  /** One finding a query, in their order. Cost: the patch encoder once for a picture. */
  at(pixels: Pixels, queries: readonly LookQuery[], signal: AbortSignal): Promise<LookFinding[]>;
}

export interface VlmPort {
  readonly info: VlmInfo;
  readonly look?: LookPort | undefined; // of models that have one
  readonly isAway?: boolean; // it was put away to make room for a larger one: away.ts
  /** Content address of the block a segment would give, without running the model. */
  blockKey(segment: Segment): Promise<BlockKey>;
  /** Tokens of the segments, without running the model. */
  countTokens(segments: readonly Segment[]): number;
  /** Runs the segment once right after the prefix and cuts its K/V out, un-rotated. Cost: one prefill. */
  encodeBlock(segment: Segment, signal: AbortSignal): Promise<KvBlock>;
  /** Links blocks, in the order given, behind the prefix. No model run, but for a repair. Dispose in `finally`. */
  link(blocks: readonly KvBlock[], signal: AbortSignal, repair?: Repair): Promise<VlmSession>;
}

/** Computes the first tokens of each block but the first again, with everything before them in view (LegoLink). */
export interface Repair {
  readonly recompute: number; // tokens of each later block
  readonly segments: readonly (Segment | undefined)[]; // of the blocks, in their order; undefined: left as it is
}

/** A live cache: prefix, linked blocks and every turn prefilled or decoded since. */
export interface VlmSession {
  /** Tokens in the cache now. */
  readonly tokens: number;
  /** Appends segments in chunks (abort between chunks). Returns the logits after the last token, (vocab). */
  prefill(segments: readonly Segment[], signal: AbortSignal): Promise<Float32Array>;
  /**
   * Makes `segments` all that stands behind memory: the longest common prefix with what stands there is kept, the rest is cut
   * off, and only what is new is prefilled. An abort leaves the common prefix.
   */
  replace(segments: readonly Segment[], signal: AbortSignal): Promise<Replaced>;
  /** Decodes from `logits` until end of turn or `maxTokens`; `onText` gets the whole text so far. */
  decode(
    logits: Float32Array,
    sampling: Sampling,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Decoded>;
  dispose(): void;
}

export interface Replaced {
  readonly logits: Float32Array; // after the last token, (vocab)
  readonly kept: number; // tokens of `segments` that stood there already
  readonly prefilled: number; // the others: at least one, whose logits are wanted
}

export interface Decoded {
  readonly text: string;
  readonly tokens: number;
  readonly firstTokenAt: number; // performance.now() clock
  readonly finish: 'end' | 'length' | 'stop-string' | 'stopped'; // stopped: by the user
}

export interface EncoderPort {
  readonly info: { readonly id: string; readonly fingerprint: Fingerprint; readonly backend: Backend };
  /** Shipped with the encoder: what backgrounds look like and how scores become probabilities. */
  readonly background: { readonly rows: number; readonly dim: number; readonly data: Float32Array }; // (rows, dim), unit rows
  readonly calibration: Calibration;
  encode(pixels: Pixels, signal: AbortSignal): Promise<PatchFeatures>;
}

/** What the encoder's scores mean: core/match.ts tells the formula. */
export type Calibration = MatchCalibration;

/** Reads and writes image files. `decode` fixes orientation; throws AppError 'bad-image' or 'too-large'. */
export interface ImagePort {
  decode(bytes: ArrayBuffer, mime: string, maxEdgePx: number): Promise<Pixels>;
  encode(pixels: Pixels): Promise<{ bytes: ArrayBuffer; mime: string }>;
}

// ---------------------------------------------------------------- memory

/** Everything of a concept, sources and patches the user drew, for undo and export. Derived records are rebuilt. */
export interface ConceptSnapshot {
  readonly concept: Concept;
  readonly facts: readonly Fact[];
  readonly photos: readonly { readonly photo: Photo; readonly bytes: ArrayBuffer }[];
  readonly patches: readonly Patch[];
}

export interface MemoryUsage {
  readonly photosBytes: number;
  readonly blocksBytes: number;
  readonly vectorsBytes: number;
  readonly chatsBytes: number;
  readonly quotaBytes: number | undefined;
}

/**
 * All of Jarvis's memory. Sources are concepts, facts and photos; patches by the miner, vectors and blocks are derived.
 * Each method is one transaction: it happens whole or not at all. Not found is `undefined`; a fault throws AppError
 * 'storage' or 'storage-full'.
 */
export interface MemoryPort {
  listConcepts(): Promise<Concept[]>;
  readConcept(id: ConceptId): Promise<Concept | undefined>;
  saveConcept(concept: Concept): Promise<void>;
  /** Removes the concept with every fact, photo, job and derived record. Returns what `restoreConcept` needs. */
  deleteConcept(id: ConceptId): Promise<ConceptSnapshot | undefined>;
  restoreConcept(snapshot: ConceptSnapshot): Promise<void>;

  listFacts(conceptId?: ConceptId): Promise<Fact[]>;
  saveFacts(facts: readonly Fact[]): Promise<void>;
  deleteFact(id: FactId): Promise<Fact | undefined>; // its block goes too

  listPhotos(conceptId?: ConceptId): Promise<Photo[]>;
  readPhoto(id: PhotoId): Promise<{ photo: Photo; bytes: ArrayBuffer } | undefined>;
  /** Accepts photos and their jobs in one transaction: from here on a reload loses nothing. */
  savePhotos(photos: readonly { photo: Photo; bytes: ArrayBuffer }[], jobs: readonly PhotoJob[]): Promise<void>;
  deletePhoto(id: PhotoId): Promise<{ photo: Photo; bytes: ArrayBuffer } | undefined>; // derived records and job go too

  listPatches(conceptId?: ConceptId): Promise<Patch[]>;
  /** Replaces the patches of a photo; blocks of patches that are gone go too. */
  replacePatches(photoId: PhotoId, patches: readonly Patch[]): Promise<void>;

  /** Of these photos, missing ones left out; of all without `ids`. */
  readVectors(ids?: readonly PhotoId[]): Promise<PhotoVectors[]>;
  saveVectors(vectors: PhotoVectors): Promise<void>;

  /** One transaction per question, of reading alone. Missing keys are left out. */
  readBlocks(keys: readonly BlockKey[]): Promise<Map<BlockKey, BlockRecord>>;
  saveBlocks(blocks: readonly BlockRecord[]): Promise<void>;
  /** Which blocks exist, without their bytes. */
  listBlocks(): Promise<StoredBlock[]>;
  /** One question more was answered with these blocks. What is gone meanwhile is left out. */
  noteUse(keys: readonly BlockKey[]): Promise<void>;
  deleteBlocks(keys: readonly BlockKey[]): Promise<void>;

  listJobs(): Promise<PhotoJob[]>;
  saveJobs(jobs: readonly PhotoJob[]): Promise<void>;
  deleteJobs(ids: readonly PhotoId[]): Promise<void>;

  listChats(): Promise<Chat[]>;
  readChat(id: ChatId): Promise<Chat | undefined>;
  saveChat(chat: Chat): Promise<void>;
  deleteChat(id: ChatId): Promise<Chat | undefined>;

  readSetting(key: string): Promise<unknown>; // parsed by the caller
  saveSetting(key: string, value: unknown): Promise<void>;

  usage(): Promise<MemoryUsage>;
}
