// One chat in the list: open it, rename it, delete it.

import { lazy, Suspense, useState } from 'react';
import { deleteChat, renameChat } from '../../client/chat-commands';
import type { ChatSummary } from '../../rpc/protocol';
import { go, hrefOf } from '../router';

const ChatMenu = lazy(() => import('./chat-menu'));

interface ChatItemProps {
  readonly chat: ChatSummary;
  readonly isCurrent: boolean;
  readonly onOpen: () => void;
}

export function ChatItem({ chat, isCurrent, onOpen }: ChatItemProps) {
  const [isNaming, setIsNaming] = useState(false);
  const title = chat.title || 'Untitled';
  if (isNaming) {
    return (
      <li>
        <RenameField
          title={chat.title}
          onDone={(next) => {
            setIsNaming(false);
            if (next !== undefined && next !== chat.title) void renameChat(chat.id, next);
          }}
        />
      </li>
    );
  }
  const remove = async () => {
    const deleted = await deleteChat(chat.id, () => {
      go({ place: 'chat', chatId: chat.id });
    });
    if (deleted && isCurrent) go({ place: 'chat', chatId: undefined }, 'replace');
  };
  return (
    <li className="chat-item" data-current={isCurrent}>
      <a
        href={hrefOf({ place: 'chat', chatId: chat.id })}
        aria-current={isCurrent ? 'page' : undefined}
        title={title}
        onClick={onOpen}
      >
        {title}
      </a>
      <Suspense fallback={<span className="menu-space" />}>
        <ChatMenu
          title={title}
          onRename={() => {
            setIsNaming(true);
          }}
          onDelete={() => void remove()}
        />
      </Suspense>
    </li>
  );
}

function RenameField({ title, onDone }: { title: string; onDone: (next: string | undefined) => void }) {
  return (
    <input
      className="field"
      aria-label="Name of the chat"
      defaultValue={title}
      autoFocus
      onFocus={(event) => {
        event.target.select();
      }}
      onBlur={(event) => {
        onDone(event.target.value.trim() || undefined);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') {
          event.stopPropagation();
          onDone(undefined);
        }
      }}
    />
  );
}
