// What a person can ask of the engine and what it tells them back: plain data, shared by pipeline, rpc and ui.

import type { CheckUpReport } from './check-up-report';
import type { Outgoing } from './large';
import type { RetrieveOptions } from './stages/retrieve';
import type { Card, ChatId, Concept, Fact, Message, MessageId, Patch, Photo, PhotoJob, Stage } from './types';

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
  readonly blocks: number; // sources that have one
  readonly staleBlocks: number; // of them, waiting for the present model's own
}

export interface ChatSummary {
  readonly id: ChatId;
  readonly title: string;
  readonly updatedAt: number;
}

export type AnswerEvent =
  | { readonly kind: 'stage'; readonly stage: Stage; readonly note: string }
  | { readonly kind: 'text'; readonly text: string } // the whole answer so far
  | { readonly kind: 'review'; readonly outgoing: Outgoing | undefined } // wants a decision before this is sent; undefined: no more
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

/** What a measurement changes about a question. */
export interface Probe {
  readonly retrieve?: Partial<RetrieveOptions>;
  readonly memoryTokens?: number; // linked at most, the model's room permitting
}

export interface AskRequest {
  readonly chatId: ChatId;
  readonly text: string;
  readonly photo?: { readonly mime: string; readonly bytes: ArrayBuffer };
  /** Answer as if nothing were remembered (the eval's baseline). */
  readonly noMemory?: boolean;
  /** Other settings of retrieve and assemble for this question; only measurements set them. */
  readonly probe?: Probe;
  /** Why no larger model is asked: one was, could not answer, and the small one was brought back for it. */
  readonly withoutLarger?: string;
  /** Replace this answer and everything after it. */
  readonly regenerate?: MessageId;
}

/** What was removed can be put back while the page is open. */
export type UndoToken = string;

/** How far a check-up is. */
export interface CheckUpProgress {
  readonly done: number;
  readonly total: number;
  readonly right: number;
  readonly text: string; // the question that is being asked
}

export interface CheckUpResult {
  readonly report: CheckUpReport;
  readonly at: number; // ms since epoch
  readonly stopped: boolean; // by the user, before every question was asked
}

/** Where the miner found a photo distinctive: (gridH, gridW) over the whole photo, 0..1. */
export interface ScoreMap {
  readonly gridW: number;
  readonly gridH: number;
  readonly score: Float32Array;
}
