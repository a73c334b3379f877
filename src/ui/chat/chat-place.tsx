// Chat: the list of chats, the messages of one, and the composer.

import { useEffect } from 'react';
import { closeChat, openChat, stop } from '../../client/chat-commands';
import type { ChatId } from '../../core/types';
import { go } from '../router';
import { useApp } from '../use-store';
import { Announcer } from './announcer';
import { ChatList } from './chat-list';
import { Composer } from './composer';
import { Messages } from './messages';
import { Start } from './start';

export function ChatPlace({ chatId }: { chatId: ChatId | undefined }) {
  const chat = useApp((state) => state.chat);
  const answering = useApp((state) => state.answering);
  const failed = useApp((state) => state.failedAsk);

  useEffect(() => {
    if (chatId === undefined) {
      closeChat();
      return;
    }
    void openChat(chatId).then((found) => {
      if (!found) go({ place: 'chat', chatId: undefined }, 'replace');
    });
  }, [chatId]);

  const here = answering && answering.chatId === chatId ? answering : undefined;
  const failedHere = failed && failed.chatId === chatId ? failed : undefined;
  const isEmpty = chatId === undefined && !here && !failedHere;
  return (
    <div className="chat-place">
      <ChatList current={chatId} />
      <section
        className="chat"
        aria-label="Chat"
        onKeyDown={(event) => {
          if (event.key === 'Escape' && !event.defaultPrevented) stop();
        }}
      >
        {isEmpty ? (
          <Start />
        ) : (
          <Messages chat={chat?.id === chatId ? chat : undefined} answering={here} failed={failedHere} />
        )}
        <Composer key={chatId ?? 'new'} chatId={chatId} />
      </section>
      <Announcer />
    </div>
  );
}
