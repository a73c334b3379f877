// Live caches of chats: kept while a chat's questions rest on the same blocks, so that a follow-up reads only its own words.

import type { BlockKey, ChatId } from '../core/types';
import type { VlmSession } from './ports';

// [Note: Live chats] A session is prefix + linked blocks + what was read and decoded since. The same blocks in the same order
// (by content address: an edited fact is another block) mean the same cache, so a chat's next question goes on from it and
// keeps the longest common prefix of what stands behind memory: earlier turns for a model that reads them, the head of a
// question asked again or edited for any. Other blocks are linked afresh, which costs milliseconds.

/** A person reads one chat and glances at another; a cache of 1,100 tokens of SmolVLM-256M in float32 takes 50 MB. */
const MAX_LIVE = 2;

export interface LiveChats {
  /** The chat's session when it rests on exactly these blocks; it stays the owner's, who must not dispose of it. */
  find(chatId: ChatId, keys: readonly BlockKey[]): VlmSession | undefined;
  /** Takes over `session` as the chat's; the one before and the least recently used beyond MAX_LIVE are disposed of. */
  keep(chatId: ChatId, keys: readonly BlockKey[], session: VlmSession): void;
  /** Disposes of the chat's session, if any. */
  drop(chatId: ChatId): void;
  /** Disposes of all. */
  close(): void;
}

export function createLiveChats(): LiveChats {
  const live = new Map<ChatId, { readonly memory: string; readonly session: VlmSession }>(); // least recently used first

  function drop(chatId: ChatId): void {
    live.get(chatId)?.session.dispose();
    live.delete(chatId);
  }

  return {
    find(chatId, keys) {
      const found = live.get(chatId);
      if (found?.memory !== keys.join(' ')) return undefined;
      live.delete(chatId);
      live.set(chatId, found);
      return found.session;
    },
    keep(chatId, keys, session) {
      drop(chatId);
      live.set(chatId, { memory: keys.join(' '), session });
      for (const oldest of live.keys()) {
        if (live.size <= MAX_LIVE) break;
        drop(oldest);
      }
    },
    drop,
    close() {
      for (const chatId of [...live.keys()]) drop(chatId);
    },
  };
}
