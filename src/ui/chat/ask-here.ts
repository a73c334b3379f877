// Asks, and goes to the chat that is made for the question when there is none yet.

import { ask } from '../../client/chat-commands';
import type { Question } from '../../client/state';
import type { ChatId } from '../../core/types';
import { go } from '../router';

export function askHere(chatId: ChatId | undefined, question: Question): Promise<void> {
  return ask(chatId, question, {
    onChat: (id) => {
      go({ place: 'chat', chatId: id }, 'replace');
    },
  });
}
