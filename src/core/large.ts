// The large model of SLC as data: how it is chosen, what is asked of it, what leaves the device, and what came of it.

import * as v from 'valibot';
import type { PhotoCue } from './cues';
import type { ClaimFate } from './stages/reflect-cues';
import type { ChatId, ChatPhoto, PhotoId } from './types';

// ---------------------------------------------------------------- settings

/** Who answers: this device's small model alone, a larger one on this device, the browser's own, or a server the user named. */
export const ANSWER_WITH = ['device', 'larger', 'browser', 'server'] as const;
export type AnswerWith = (typeof ANSWER_WITH)[number];

const SETTINGS = v.object({
  answerWith: v.picklist(ANSWER_WITH),
  baseUrl: v.pipe(v.string(), v.maxLength(500)), // "http://localhost:11434/v1"
  model: v.pipe(v.string(), v.maxLength(200)), // as the server calls it
  larger: v.pipe(v.string(), v.maxLength(200)), // key of a larger model on this device (core/kept-models.ts), '' for none
  timeoutS: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(600)), // without a word from the server
  checkPhotos: v.boolean(), // reflection by the small model, where no large one is asked
  reaskAbsent: v.boolean(),
  weigh: v.boolean(),
  lastQuestion: v.boolean(),
});

export type LargeSettings = v.InferOutput<typeof SETTINGS>;

/** Nothing leaves the device, and nothing is asked of anybody. The switches of reflection are chosen by measurement: docs/decisions.md. */
export const LARGE_DEFAULTS: LargeSettings = {
  answerWith: 'device',
  baseUrl: '',
  model: '',
  larger: '',
  timeoutS: 60,
  checkPhotos: true,
  reaskAbsent: false,
  weigh: true,
  lastQuestion: true,
};

/** Settings as stored; a damaged field, or an older shape, falls back to what is safe: answers on this device. */
export function parseLargeSettings(stored: unknown): LargeSettings {
  const whole = v.safeParse(SETTINGS, { ...LARGE_DEFAULTS, ...(typeof stored === 'object' ? stored : {}) });
  return whole.success ? whole.output : LARGE_DEFAULTS;
}

/** A key at rest: as it is, or sealed with a passphrase (PBKDF2, AES-GCM). */
export const STORED_KEY = v.variant('kind', [
  v.object({ kind: v.literal('plain'), key: v.string() }),
  v.object({
    kind: v.literal('sealed'),
    salt: v.instance(Uint8Array),
    iv: v.instance(Uint8Array),
    data: v.instance(Uint8Array),
    rounds: v.number(),
  }),
]);
export type StoredKey = v.InferOutput<typeof STORED_KEY>;
export type SealedKey = Extract<StoredKey, { kind: 'sealed' }>;

/** What the page may know: everything but the key. */
export interface LargeView {
  readonly settings: LargeSettings;
  readonly key: 'none' | 'plain' | 'locked' | 'unlocked';
}

export interface LargeEdit {
  readonly settings?: Partial<LargeSettings>;
  /** A new key, '' to forget it; with a passphrase it is kept encrypted. */
  readonly key?: { readonly text: string; readonly passphrase?: string };
}

// ---------------------------------------------------------------- requests

export interface LargeMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
  readonly pictures: readonly ChatPhoto[]; // before the text
}

export interface LargeRequest {
  readonly messages: readonly LargeMessage[];
  readonly maxTokens: number;
  /** Wants a yes or a no, with its probability where the model gives one. */
  readonly yesNo: boolean;
}

export interface LargeReply {
  readonly text: string;
  readonly yes?: number | undefined; // probability, only where asked and given
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly counted: boolean; // by the server; otherwise guessed at four letters a token
}

// ---------------------------------------------------------------- what leaves

export interface OutgoingPicture {
  readonly label: string; // "Your photo", "Rosie, remembered"
  readonly photoId: PhotoId | undefined; // of an enrolled photo, which is never sent unless ticked
  readonly picture: ChatPhoto;
}

/** Everything one question would send, exactly, before any of it is sent. */
export interface Outgoing {
  readonly id: string;
  readonly chatId: ChatId;
  readonly to: string; // "https://api.example.com", or "this browser's own model"
  readonly leaves: boolean; // false for a model inside this browser
  readonly model: string;
  readonly picture: OutgoingPicture | undefined;
  readonly enrolled: readonly OutgoingPicture[]; // can be ticked
  readonly checks: readonly string[]; // yes/no questions, each sent with the picture
  readonly system: string;
  readonly turns: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
  readonly prompt: string; // with every line that reflection may still shorten
}

export interface ReviewDecision {
  readonly send: boolean;
  readonly rememberChat: boolean; // no more reviews in this chat
  readonly enrolled: readonly PhotoId[]; // ticked, for this question only
}

/** What was sent, as kept and shown in settings. */
export interface SentRecord {
  readonly id: string;
  readonly at: number; // ms since epoch
  readonly to: string;
  readonly model: string;
  readonly pictures: readonly ChatPhoto[];
  readonly texts: readonly string[]; // of each request, in order
  readonly outcome: string; // "answered", or the sentence of the fault
}

const PICTURE = v.object({ mime: v.string(), bytes: v.instance(ArrayBuffer) });
export const SENT_RECORD = v.object({
  id: v.string(),
  at: v.number(),
  to: v.string(),
  model: v.string(),
  pictures: v.array(PICTURE),
  texts: v.array(v.string()),
  outcome: v.string(),
});

// ---------------------------------------------------------------- trace

/** How a photo's cues were checked and who answered: part of an answer's trace. */
export interface CollaborationTrace {
  readonly by: 'small' | 'large'; // who judged the claims
  readonly model: string;
  readonly to: string | undefined; // where it went, undefined for this device
  readonly cues: readonly PhotoCue[]; // before the check
  readonly fates: readonly ClaimFate[];
  readonly calls: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly counted: boolean;
  readonly ms: number;
  readonly answered: boolean; // by the large model
  readonly fault: string | undefined; // why it did not, as a sentence
}
