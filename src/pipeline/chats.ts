// Chats: kept conversations, and where in one a question goes.

import type { AskRequest, UndoToken } from '../core/acts';
import { AppError } from '../core/errors';
import type { Exchange } from '../core/prompt';
import type { Chat, ChatId, ChatPhoto, ConceptId, Message, MessageId } from '../core/types';
import type { Context } from './context';
import type { Undo } from './undo';

export const NEW_CHAT = 'New chat';
const TITLE_LENGTH = 48; // one line of the side bar

export async function createChat(context: Context): Promise<ChatId> {
  const id = crypto.randomUUID() as ChatId;
  const now = Date.now();
  await context.ports.memory.saveChat({ id, title: NEW_CHAT, messages: [], createdAt: now, updatedAt: now });
  await context.chatsChanged();
  return id;
}

export async function renameChat(context: Context, id: ChatId, title: string): Promise<void> {
  const chat = await readChat(context, id);
  const tidy = title.replace(/\s+/g, ' ').trim();
  if (tidy === '') throw new AppError('bad-input', 'Give the chat a title.');
  await context.ports.memory.saveChat({ ...chat, title: tidy.slice(0, 2 * TITLE_LENGTH), updatedAt: Date.now() });
  await context.chatsChanged();
}

export async function deleteChat(context: Context, undo: Undo, id: ChatId): Promise<UndoToken> {
  const chat = await context.ports.memory.deleteChat(id);
  await context.chatsChanged();
  return undo.keep(async () => {
    if (chat !== undefined) await context.ports.memory.saveChat(chat);
    await context.chatsChanged();
  });
}

/** A question as it is asked: its words, its photo, and the chat up to it. */
export interface Asked {
  readonly chat: Chat; // saved, ends with the user's message
  readonly text: string;
  readonly photo: ChatPhoto | undefined;
}

/**
 * Writes the question into its chat. With `regenerate`, the question before that answer is asked again and everything from the
 * answer on is dropped. A question whose answer never came (the worker died) is not written twice.
 */
export async function placeQuestion(
  context: Context,
  request: AskRequest,
  photo: ChatPhoto | undefined,
): Promise<Asked> {
  const chat = await readChat(context, request.chatId);
  const at = request.regenerate === undefined ? -1 : chat.messages.findIndex((m) => m.id === request.regenerate);
  const before = at < 0 ? chat.messages : chat.messages.slice(0, at);
  const last = before.at(-1);
  if (last?.role === 'user' && (at >= 0 || (last.text === request.text && photo === undefined))) {
    const next = await save(context, { ...chat, messages: before });
    return { chat: next, text: last.text, photo: last.photo };
  }
  const text = request.text.trim();
  if (text === '' && photo === undefined) throw new AppError('bad-input', 'Ask something.');
  const message: Message = {
    id: crypto.randomUUID() as MessageId,
    role: 'user',
    text,
    photo,
    createdAt: Date.now(),
  };
  const title = chat.title === NEW_CHAT && text !== '' ? text.slice(0, TITLE_LENGTH) : chat.title;
  const next = await save(context, { ...chat, title, messages: [...before, message] });
  return { chat: next, text, photo };
}

/** What stands before the question a chat ends with: whom its last answer was about, and that exchange in words. */
export interface Before {
  readonly about: readonly ConceptId[];
  readonly exchange: Exchange | undefined;
}

export function before(chat: Chat): Before {
  const earlier = chat.messages.slice(0, -1);
  const meant = earlier.map((message) => (message.role === 'assistant' ? (message.trace?.concepts ?? []) : []));
  const about = meant.findLast((ids) => ids.length > 0) ?? [];
  const [asked, answered] = earlier.slice(-2);
  const whole = asked?.role === 'user' && answered?.role === 'assistant' && !answered.stopped;
  return { about, exchange: whole ? { question: asked.text, answer: answered.text } : undefined };
}

/** Puts an answer behind its question; a chat deleted meanwhile stays deleted. */
export async function placeAnswer(context: Context, chatId: ChatId, message: Message): Promise<void> {
  const chat = await context.ports.memory.readChat(chatId);
  if (chat !== undefined) await save(context, { ...chat, messages: [...chat.messages, message] });
}

async function save(context: Context, chat: Chat): Promise<Chat> {
  const next = { ...chat, updatedAt: Date.now() };
  await context.ports.memory.saveChat(next);
  await context.chatsChanged();
  return next;
}

async function readChat(context: Context, id: ChatId): Promise<Chat> {
  const chat = await context.ports.memory.readChat(id);
  if (chat === undefined) throw new AppError('bad-input', 'This chat is not there any more.');
  return chat;
}
