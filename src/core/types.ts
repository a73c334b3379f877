// The glossary of docs/architecture.md as types: plain data, shared by every layer.

import type { CollaborationTrace } from './large';

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type ConceptId = Brand<string, 'ConceptId'>;
export type FactId = Brand<string, 'FactId'>;
export type PhotoId = Brand<string, 'PhotoId'>;
export type PatchId = Brand<string, 'PatchId'>;
export type ChatId = Brand<string, 'ChatId'>;
export type MessageId = Brand<string, 'MessageId'>;
/** Content address of a KV block: hash of (model fingerprint, prefix hash, token ids, pixel hash). */
export type BlockKey = Brand<string, 'BlockKey'>;
/** Hash of a model's files, dtype and prompt version, stamped on every derived record. */
export type Fingerprint = Brand<string, 'Fingerprint'>;

/** The eight stages: tree, progress bar, trace, benchmark rows and docs all use these words. */
export const STAGES = ['enrol', 'mine', 'encode', 'store', 'retrieve', 'assemble', 'decode', 'reflect'] as const;
export type Stage = (typeof STAGES)[number];

// ---------------------------------------------------------------- pixels and features

/** An upright image. data: (heightPx, widthPx, 4) RGBA, 0..255, row-major. */
export interface Pixels {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly data: Uint8ClampedArray;
}

/** A rectangle in fractions of the photo, 0..1, origin top left. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** What the patch encoder says of one photo (letter-boxing is undone: the grid covers the whole photo). */
export interface PatchFeatures {
  readonly gridW: number;
  readonly gridH: number;
  readonly dim: number;
  readonly grid: Float32Array; // (gridH, gridW, dim), unit rows
  readonly globalDim: number;
  readonly global: Float32Array; // (globalDim), unit
}

// ---------------------------------------------------------------- sources

export interface Fingerprinted {
  readonly part: string;
  readonly descriptor: string;
}

/** Short text metadata of a concept. `edited` cards are never overwritten by the model. */
export interface Card {
  readonly name: string;
  readonly category: string;
  readonly caption: string; // about 25 words
  readonly fingerprints: readonly Fingerprinted[]; // `part: descriptor`
  readonly edited: boolean;
}

export interface Concept {
  readonly id: ConceptId;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly card: Card | undefined; // undefined until encode has run
  readonly createdAt: number; // ms since epoch
  readonly updatedAt: number;
}

export interface Fact {
  readonly id: FactId;
  readonly conceptId: ConceptId;
  readonly text: string; // one sentence, as the user gave it
  readonly createdAt: number;
}

/** A source image: upright, EXIF removed, longest edge ≤ 1024 px. The bytes are kept beside it in storage. */
export interface Photo {
  readonly id: PhotoId;
  readonly conceptId: ConceptId;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly mime: string;
  readonly bytes: number;
  readonly pixelHash: string; // finds duplicates
  readonly createdAt: number;
}

// ---------------------------------------------------------------- derived

/** A box on a photo worth remembering. `by: 'user'` wins over the miner and is never re-mined. */
export interface Patch {
  readonly id: PatchId;
  readonly conceptId: ConceptId;
  readonly photoId: PhotoId;
  readonly box: Box;
  readonly score: number;
  readonly by: 'miner' | 'user';
}

/** Encoder features of an enrolled photo plus the mined score map. */
export interface PhotoVectors {
  readonly photoId: PhotoId;
  readonly conceptId: ConceptId;
  readonly encoder: Fingerprint;
  readonly features: PatchFeatures;
  readonly scoreMap: Float32Array; // (gridH, gridW), 0..1
  readonly subject: Float32Array; // (gridH, gridW), 0..1: how much a cell belongs to the subject
}

export type BlockSource =
  | { readonly kind: 'card'; readonly conceptId: ConceptId }
  | { readonly kind: 'fact'; readonly conceptId: ConceptId; readonly factId: FactId }
  | { readonly kind: 'patch'; readonly conceptId: ConceptId; readonly photoId: PhotoId; readonly patchId: PatchId };

/** What is stored of a block: its address, whose it is, and the bytes of the JKV1 form (core/kv-block.ts). */
export interface BlockRecord {
  readonly key: BlockKey;
  readonly source: BlockSource;
  readonly model: Fingerprint;
  readonly tokens: number;
  readonly bytes: ArrayBuffer;
  readonly usedAt: number; // ms since epoch
  readonly uses: number; // questions answered with it
}

// ---------------------------------------------------------------- prompt

/** `keep`: all of the picture is read, and a block made of it keeps the visual tokens under this box alone. */
export type PromptPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly pixels: Pixels; readonly keep?: Box };

/** One separately tokenised piece of a prompt (prefix, block or turn). */
export type Segment = readonly PromptPart[];

export interface RopeSpec {
  readonly theta: number;
  readonly headDim: number;
  readonly rotaryDim: number; // ≤ headDim; the rest is not rotated
  readonly layout: 'half' | 'interleaved';
}

export interface KvShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

// ---------------------------------------------------------------- answering

export type Hit =
  | {
      readonly kind: 'concept';
      readonly conceptId: ConceptId;
      readonly score: number;
      readonly by: HitReason;
      readonly place?: Box;
      readonly photoId?: PhotoId;
    }
  | {
      readonly kind: 'fact';
      readonly conceptId: ConceptId;
      readonly factId: FactId;
      readonly score: number;
      readonly by: HitReason;
    }
  | {
      readonly kind: 'patch';
      readonly conceptId: ConceptId;
      readonly photoId: PhotoId;
      readonly patchId: PatchId;
      readonly score: number;
      readonly by: HitReason;
    };

/** Why something was retrieved: its name stands in the question, the words match, the photo shows it, or the last turn spoke of it. */
export type HitReason = 'name' | 'text' | 'photo' | 'carry-over';

/** What a photo is believed to show. `probability` is calibrated; a stranger gives an empty list of present cues. */
export interface Cue {
  readonly conceptId: ConceptId;
  readonly present: boolean;
  readonly place: Box | undefined;
  readonly probability: number;
}

export type Verdict =
  | { readonly kind: 'kept' } // every claim rests on a linked source or on the photo
  | { readonly kind: 'unknown' } // the model itself said it does not know
  | { readonly kind: 'erased'; readonly claim: string; readonly why: string } // replaced by "I don't know"
  | { readonly kind: 'quoted'; readonly why: string } // replaced by the note that retrieval is sure of
  | { readonly kind: 'large' } // said by a larger model, from what it was sent
  | { readonly kind: 'reported' }; // read off the cues that stood the check

export type SourceRef =
  | { readonly kind: 'card'; readonly conceptId: ConceptId; readonly name: string; readonly text: string }
  | {
      readonly kind: 'fact';
      readonly conceptId: ConceptId;
      readonly name: string;
      readonly factId: FactId;
      readonly text: string;
    }
  | {
      readonly kind: 'patch';
      readonly conceptId: ConceptId;
      readonly name: string;
      readonly photoId: PhotoId;
      readonly patchId: PatchId;
      readonly box: Box;
    };

export interface StageTime {
  readonly stage: Stage;
  readonly ms: number;
  readonly note: string; // e.g. "3 facts, 1 concept", "12 tokens linked"
}

export interface Trace {
  readonly stages: readonly StageTime[];
  readonly model: string;
  readonly backend: Backend | undefined; // of the small model, undefined where a larger one answered
  readonly concepts?: readonly ConceptId[]; // retrieved, best first, whether or not the answer cites them
  readonly tokensLinked: number;
  readonly tokensPrefilled: number;
  readonly tokensDecoded: number;
  readonly ttftMs: number; // from the question being accepted to the first token of the answer
  readonly draft: string; // before reflection
  readonly verdict: Verdict;
  readonly collaboration?: CollaborationTrace; // of answers whose photo was checked, or that a larger model gave
}

export type Backend = 'webgpu' | 'wasm';

export interface ChatPhoto {
  readonly mime: string;
  readonly bytes: ArrayBuffer;
}

export type Message =
  | {
      readonly id: MessageId;
      readonly role: 'user';
      readonly text: string;
      readonly photo: ChatPhoto | undefined;
      readonly createdAt: number;
    }
  | {
      readonly id: MessageId;
      readonly role: 'assistant';
      readonly text: string;
      readonly sources: readonly SourceRef[];
      readonly cues: readonly (Cue & { readonly name: string })[];
      readonly nearest: string | undefined; // what is known that comes nearest, when the answer is "I don't know"
      readonly trace: Trace | undefined;
      readonly stopped: boolean;
      readonly createdAt: number;
    };

export interface Chat {
  readonly id: ChatId;
  readonly title: string;
  readonly messages: readonly Message[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The state of one photo of an enrolment; survives a reload. */
export interface PhotoJob {
  readonly photoId: PhotoId;
  readonly conceptId: ConceptId;
  readonly fileName: string;
  readonly stage: 'enrol' | 'mine' | 'encode' | 'store';
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly error: string | undefined; // the sentence of the AppError
  readonly updatedAt: number;
}
