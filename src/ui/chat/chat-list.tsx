// The chats that are kept. A column beside the chat; on a phone, a drawer.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import type { ChatId } from '../../core/types';
import { Icon } from '../icon';
import { hrefOf } from '../router';
import { useApp } from '../use-store';
import { ChatItem } from './chat-item';

export function ChatList({ current }: { current: ChatId | undefined }) {
  const chats = useApp((state) => state.chats);
  const [isOpen, setIsOpen] = useState(false);
  const close = () => {
    setIsOpen(false);
  };
  if (chats.length === 0) return null;
  return (
    <nav
      className="chat-list"
      aria-label="Chats"
      data-open={isOpen}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <Button
        className="button quiet-button chats-toggle"
        aria-expanded={isOpen}
        onPress={() => {
          setIsOpen(!isOpen);
        }}
      >
        <Icon name="list" /> Chats
      </Button>
      <div className="chat-items">
        <a className="new-chat" href={hrefOf({ place: 'chat', chatId: undefined })} onClick={close}>
          <Icon name="add" /> New chat
        </a>
        <ul>
          {chats.map((chat) => (
            <ChatItem key={chat.id} chat={chat} isCurrent={chat.id === current} onOpen={close} />
          ))}
        </ul>
      </div>
    </nav>
  );
}
