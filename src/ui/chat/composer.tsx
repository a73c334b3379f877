// Where a question is written: text, at most one photo, Enter to send, Escape to stop.

import { useEffect, useRef } from 'react';
import { Button } from 'react-aria-components/Button';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { draftOf, saveDraft, stop } from '../../client/chat-commands';
import { app } from '../../client/state';
import type { ChatId } from '../../core/types';
import { IMAGE_TYPES, imagesOf } from '../files';
import { Icon } from '../icon';
import { useApp } from '../use-store';
import { askHere } from './ask-here';
import { attach } from './attach';
import { AttachedPhoto } from './attached-photo';

/** A photo alone is a question too. */
const ABOUT_PHOTO = 'What is this?';

export function Composer({ chatId }: { chatId: ChatId | undefined }) {
  const draft = useApp((state) => draftOf(state.drafts, chatId));
  const isAnswering = useApp((state) => state.answering !== undefined);
  const isStopping = useApp((state) => state.answering?.stopping ?? false);
  const field = useRef<HTMLTextAreaElement>(null);
  const canSend = !isAnswering && (draft.text.trim() !== '' || draft.photo !== undefined);

  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true });
  }, []);

  const send = () => {
    if (!canSend) return;
    const photo = draft.photo && { mime: draft.photo.mime, bytes: draft.photo.bytes };
    saveDraft(chatId, { text: '', photo: undefined });
    void askHere(chatId, { text: draft.text.trim() || ABOUT_PHOTO, photo });
    field.current?.focus();
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && draft.text === '') {
      const last = app.get().chat?.messages.findLast((message) => message.role === 'user');
      if (last?.role !== 'user') return;
      event.preventDefault();
      saveDraft(chatId, { text: last.text });
    }
  };

  return (
    <form
      className="composer"
      aria-label="Ask"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {draft.photo && <AttachedPhoto chatId={chatId} photo={draft.photo} />}
      <div className="composer-row">
        <FileTrigger
          acceptedFileTypes={IMAGE_TYPES}
          onSelect={(list) => {
            const [file] = list ?? [];
            if (file) void attach(chatId, file);
          }}
        >
          <Button className="icon-button" aria-label="Add a photo to the question">
            <Icon name="attach" />
          </Button>
        </FileTrigger>
        <textarea
          ref={field}
          className="composer-text"
          aria-label="Question"
          placeholder="Ask about your things"
          rows={1}
          value={draft.text}
          onChange={(event) => {
            saveDraft(chatId, { text: event.target.value });
          }}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const [file] = imagesOf(event.clipboardData);
            if (!file) return;
            event.preventDefault();
            void attach(chatId, file);
          }}
        />
        {isAnswering ? (
          <Button className="round-button" aria-label="Stop" isDisabled={isStopping} onPress={stop}>
            <Icon name="stop" />
          </Button>
        ) : (
          <Button className="round-button" type="submit" aria-label="Send" isDisabled={!canSend}>
            <Icon name="send" />
          </Button>
        )}
      </div>
      <p className="drop-hint" aria-hidden="true">
        Drop here to ask about it
      </p>
    </form>
  );
}
