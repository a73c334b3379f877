// What the page knows: snapshots from the engine, and what the user has begun but not finished.

import type { ErrorCode } from '../core/errors';
import type { Outgoing } from '../core/large';
import { LARGER_AWAY, type LargerState } from '../core/larger';
import type { Chat, ChatId, ChatPhoto, MessageId, Stage } from '../core/types';
import type { ChatSummary, EngineStatus, MemorySnapshot } from '../rpc/protocol';
import { createStore } from './store';

export type EngineState =
  | { readonly kind: 'loading'; readonly what: string; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly kind: 'ready'; readonly status: EngineStatus }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'locked' }; // another tab owns the models

export interface Question {
  readonly text: string;
  readonly photo: ChatPhoto | undefined;
}

/** A question that is being answered. `chatId` is undefined for the moment in which its chat is made. */
export interface Answering {
  readonly chatId: ChatId | undefined;
  readonly question: Question;
  readonly replaces: MessageId | undefined; // the answer that is regenerated
  readonly stage: Stage | undefined;
  readonly note: string;
  readonly text: string;
  readonly stopping: boolean;
}

/** A question that met an error: kept, so that it can be asked again. */
export interface FailedAsk {
  readonly chatId: ChatId | undefined;
  readonly question: Question;
  readonly message: string;
}

export interface DraftPhoto extends ChatPhoto {
  readonly fileName: string;
}

export interface Draft {
  readonly text: string;
  readonly photo: DraftPhoto | undefined;
}

export interface AppState {
  readonly engine: EngineState;
  readonly memory: MemorySnapshot | undefined; // undefined until the store was read
  readonly chats: readonly ChatSummary[];
  readonly chat: Chat | undefined; // the chat on screen
  readonly answering: Answering | undefined;
  readonly failedAsk: FailedAsk | undefined;
  readonly larger: LargerState; // the larger model on this device
  readonly review: Outgoing | undefined; // what a question would send, until somebody has decided
  readonly drafts: Readonly<Record<string, Draft>>; // by chat id, or 'new'
  readonly online: boolean;
}

export const app = createStore<AppState>({
  engine: { kind: 'loading', what: 'the page', loadedBytes: 0, totalBytes: 0 },
  memory: undefined,
  chats: [],
  chat: undefined,
  answering: undefined,
  failedAsk: undefined,
  larger: LARGER_AWAY,
  review: undefined,
  drafts: {},
  online: true,
});
