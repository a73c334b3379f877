// What a person can do in a chat: ask, stop, regenerate, and keep several chats.

import { isAbort } from '../core/errors';
import type { Chat, ChatId, MessageId } from '../core/types';
import type { AnswerEvent } from '../rpc/protocol';
import { engineApi } from './engine';
import { did, perform, performWithUndo, sentence } from './perform';
import { app, type Answering, type Draft, type Question } from './state';
import type { EngineApi } from './workers';

let stopper: AbortController | undefined;

/**
 * Asks in a chat, or in a new one when `chatId` is undefined; `onChat` hears the new chat's id before the answer begins.
 * A failure is kept in `failedAsk`, with the question, so that it can be asked again.
 */
export async function ask(
  chatId: ChatId | undefined,
  question: Question,
  options: { replaces?: MessageId; onChat?: (id: ChatId) => void } = {},
): Promise<void> {
  if (app.get().answering) return;
  const controller = new AbortController();
  stopper = controller;
  const replaces = options.replaces;
  app.set({
    failedAsk: undefined,
    answering: { chatId, question, replaces, stage: undefined, note: '', text: '', stopping: false },
  });
  let id = chatId;
  try {
    const api = await engineApi();
    if (id === undefined) {
      id = await api.createChat();
      update({ chatId: id });
      app.set({ chat: { id, title: '', messages: [], createdAt: Date.now(), updatedAt: Date.now() } });
      options.onChat?.(id);
    }
    controller.signal.throwIfAborted();
    await api.ask(
      // The engine takes an unanswered question up again when its words come alone; with its photo it would be a new one.
      {
        chatId: id,
        text: question.text,
        ...(question.photo && !isLast(id, question) && { photo: question.photo }),
        ...(replaces && { regenerate: replaces }),
      },
      (event) => {
        if (stopper === controller) hear(event); // events may come after the call has settled
      },
      controller.signal,
    );
    await finish(api, id);
  } catch (error) {
    const failedAsk = isAbort(error) ? undefined : { chatId: id, question, message: sentence(error) };
    app.set({ answering: undefined, failedAsk });
    if (id !== undefined) await reread(id);
    if (!failedAsk && !replaces && !isLast(id, question)) giveBack(id, question);
  } finally {
    if (stopper === controller) stopper = undefined;
  }
}

/** Ends the answer that is being given, if there is one; what was said so far is kept by the engine. */
export function stop(): void {
  update({ stopping: true });
  stopper?.abort();
}

/** Gives the answer `id` anew, from the question before it. */
export async function regenerate(chat: Chat, id: MessageId): Promise<void> {
  const at = chat.messages.findIndex((message) => message.id === id);
  const question = chat.messages.slice(0, at).findLast((message) => message.role === 'user');
  if (question) await ask(chat.id, { text: question.text, photo: question.photo }, { replaces: id });
}

/** Puts a chat on the screen. False when there is no such chat. */
export async function openChat(id: ChatId): Promise<boolean> {
  if (app.get().chat?.id === id) return true;
  app.set({ chat: undefined });
  const chat = await perform((api) => api.readChat(id));
  if (chat) app.set({ chat });
  return chat !== undefined;
}

export function closeChat(): void {
  app.set({ chat: undefined });
}

export const renameChat = (id: ChatId, title: string): Promise<boolean> => did((api) => api.renameChat(id, title));

export const deleteChat = (id: ChatId, restored: () => void): Promise<boolean> =>
  performWithUndo('Chat deleted.', (api) => api.deleteChat(id), restored);

const EMPTY: Draft = { text: '', photo: undefined };

export function draftOf(drafts: Readonly<Record<string, Draft>>, chatId: ChatId | undefined): Draft {
  return drafts[chatId ?? 'new'] ?? EMPTY;
}

export function saveDraft(chatId: ChatId | undefined, change: Partial<Draft>): void {
  app.set(({ drafts }) => ({
    drafts: { ...drafts, [chatId ?? 'new']: { ...draftOf(drafts, chatId), ...change } },
  }));
}

/** Whether the question stands at the end of its chat, without an answer. */
function isLast(id: ChatId | undefined, question: Question): boolean {
  const chat = app.get().chat;
  const last = chat?.id === id ? chat?.messages.at(-1) : undefined;
  return last?.role === 'user' && last.text === question.text;
}

/** Stopped before the engine had written it down: the question goes back to where it was written. */
function giveBack(id: ChatId | undefined, { text, photo }: Question): void {
  const draft = draftOf(app.get().drafts, id);
  if (draft.text !== '' || draft.photo) return;
  saveDraft(id, { text, photo: photo && { ...photo, fileName: 'photo' } });
}

function hear(event: AnswerEvent): void {
  switch (event.kind) {
    case 'stage':
      update({ stage: event.stage, note: event.note });
      return;
    case 'text':
      update({ text: event.text });
      return;
    case 'review':
      app.set({ review: event.outgoing });
      return;
    case 'done':
      return; // the chat is read again when the call resolves
    default:
      event satisfies never;
  }
}

function update(change: Partial<Answering>): void {
  app.set(({ answering }) => ({ answering: answering && { ...answering, ...change } }));
}

async function finish(api: EngineApi, id: ChatId): Promise<void> {
  const chat = await api.readChat(id);
  app.set((state) => ({
    answering: undefined,
    chat: state.chat?.id === id && chat ? keepMessages(state.chat, chat) : state.chat,
  }));
}

async function reread(id: ChatId): Promise<void> {
  const chat = await perform((api) => api.readChat(id));
  if (chat && app.get().chat?.id === id) app.set({ chat });
}

/** Messages that were on the screen stay the same objects, so their photos are not decoded again. */
function keepMessages(before: Chat, after: Chat): Chat {
  const known = new Map(before.messages.map((message) => [message.id, message]));
  return { ...after, messages: after.messages.map((message) => known.get(message.id) ?? message) };
}
