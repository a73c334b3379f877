// The check-up as an act: asks memory about itself, hiding what each question is about: [Note: Check-up] in core/check-up.ts.

import * as v from 'valibot';
import type { CheckUpProgress, CheckUpResult } from '../core/acts';
import {
  buildCheckUp,
  CHECK_UP_DEFAULTS,
  CHECK_UP_KINDS,
  likenessOf,
  type CheckUpConcept,
  type CheckUpQuestion,
  type Hidden,
} from '../core/check-up';
import { isAnswerRight, reportOf, type CheckUpAnswer } from '../core/check-up-report';
import { AppError, isAbort } from '../core/errors';
import { ownPatch } from '../core/patch-match';
import { buildTextIndex } from '../core/text-index';
import type { Chat, ChatId, ChatPhoto, ConceptId, Patch, PhotoId, PhotoVectors } from '../core/types';
import { createAnswering } from './answer';
import type { Blocks } from './blocks';
import type { Context, MemoryState } from './context';
import { isAborted } from './queue';

/** The setting that keeps the last result. */
export const LAST_CHECK_UP = 'check-up';

export interface CheckUp {
  /** Builds the questions, asks each with and without memory, and keeps the result. An abort ends it with what was asked. */
  run(onProgress: (progress: CheckUpProgress) => void, signal: AbortSignal, seed?: number): Promise<CheckUpResult>;
  /** The last result, unless what it speaks of is gone. */
  last(): Promise<CheckUpResult | undefined>;
}

export function createCheckUp(context: Context, blocks: Blocks): CheckUp {
  const { memory } = context.ports;

  return {
    async run(onProgress, signal, seed = CHECK_UP_DEFAULTS.seed) {
      const [state, vectors] = await Promise.all([context.state(), context.vectors()]);
      const concepts = conceptsOf(state, vectors);
      const questions = buildCheckUp(concepts, likenessOf(vectors), { ...CHECK_UP_DEFAULTS, seed });
      if (questions.length === 0) {
        throw new AppError('bad-input', 'There is nothing to ask yet. Add a second thing, or a second photo of one.');
      }
      const answers: CheckUpAnswer[] = [];
      let right = 0;
      try {
        for (const question of questions) {
          signal.throwIfAborted();
          onProgress({ done: answers.length, total: questions.length, right, text: question.text });
          const [got, gotWithout] = await askBoth(context, blocks, question, signal);
          if (isAborted(signal)) break; // what was said by then is half a sentence
          answers.push({ question, got, gotWithout });
          right += Number(isAnswerRight(question, got, concepts));
        }
      } catch (error) {
        if (!isAbort(error) && !isAborted(signal)) throw error;
      }
      const stopped = answers.length < questions.length;
      onProgress({ done: answers.length, total: questions.length, right, text: '' });
      const result: CheckUpResult = { report: reportOf(answers, concepts), at: Date.now(), stopped };
      if (answers.length > 0) await memory.saveSetting(LAST_CHECK_UP, result);
      return result;
    },

    async last() {
      const stored = v.safeParse(RESULT, await memory.readSetting(LAST_CHECK_UP));
      if (!stored.success) return undefined;
      const result: CheckUpResult = stored.output;
      const { concepts, photos } = await context.state();
      const known = new Set<string>([...concepts.map(({ id }) => id), ...photos.map(({ id }) => id)]);
      const { report } = result;
      const isKnown = (...ids: readonly (string | undefined)[]): boolean =>
        ids.every((id) => id === undefined || known.has(id));
      return {
        ...result,
        report: {
          ...report,
          concepts: report.concepts.filter(({ conceptId }) => isKnown(conceptId)),
          confusions: report.confusions.filter(({ conceptId, takenFor }) => isKnown(conceptId, takenFor)),
          help: report.help.filter(({ conceptId, photoId, takenFor }) => isKnown(conceptId, photoId, takenFor)),
        },
      };
    },
  };
}

/** What the builder sees: photos that are through mining, with their patches, details first. */
function conceptsOf(state: MemoryState, vectors: readonly PhotoVectors[]): CheckUpConcept[] {
  const encoded = new Set(vectors.map(({ photoId }) => photoId));
  return state.concepts.map(({ id, name, card }) => ({
    id,
    name,
    card,
    photos: state.photos
      .filter((photo) => photo.conceptId === id && encoded.has(photo.id))
      .map((photo) => ({ id: photo.id, patches: detailsOf(state.patches, photo.id).map((patch) => patch.id) })),
  }));
}

/** Of a photo's patches all but the largest, best first; a photo with one patch has only that. */
function detailsOf(patches: readonly Patch[], photoId: PhotoId): Patch[] {
  const own = patches.filter((patch) => patch.photoId === photoId).sort((a, b) => area(b) - area(a));
  return (own.length > 1 ? own.slice(1) : own).sort((a, b) => b.score - a.score || a.id.localeCompare(b.id));
}

function area({ box }: Patch): number {
  return box.w * box.h;
}

async function askBoth(
  context: Context,
  blocks: Blocks,
  question: CheckUpQuestion,
  signal: AbortSignal,
): Promise<[string, string]> {
  const hiding = hide(context, question.hidden);
  if (question.kind === 'patch') {
    const first = question.options[0] ?? question.answer; // without memory nothing speaks for any of them
    return [await choosePatch(context, hiding, question), first];
  }
  const photo = question.photoId === undefined ? undefined : await readPhoto(context, question.photoId);
  const got = await ask(hiding, blocks, question.text, photo, false, signal);
  return [got, await ask(hiding, blocks, question.text, photo, true, signal)];
}

async function choosePatch(
  context: Context,
  hiding: Context,
  question: CheckUpQuestion & { readonly kind: 'patch' },
): Promise<string> {
  const [state, all, left] = await Promise.all([context.state(), context.vectors(), hiding.vectors()]);
  const shown = question.options.flatMap((id) => {
    const patch = state.patches.find((other) => other.id === id);
    const vectors = all.find(({ photoId }) => photoId === patch?.photoId);
    return patch === undefined || vectors === undefined ? [] : [{ id, box: patch.box, features: vectors.features }];
  });
  return shown[ownPatch(question.conceptId, shown, left)]?.id ?? '';
}

async function ask(
  hiding: Context,
  blocks: Blocks,
  text: string,
  photo: ChatPhoto | undefined,
  noMemory: boolean,
  signal: AbortSignal,
): Promise<string> {
  const chatId = crypto.randomUUID() as ChatId;
  await hiding.ports.memory.saveChat({ id: chatId, title: '', messages: [], createdAt: 0, updatedAt: 0 });
  const answering = createAnswering(hiding, blocks);
  try {
    const request = { chatId, text, noMemory, ...(photo === undefined ? {} : { photo }) };
    return (await answering.ask(request, () => undefined, signal)).text;
  } finally {
    answering.close();
  }
}

async function readPhoto(context: Context, id: PhotoId): Promise<ChatPhoto> {
  const stored = await context.ports.memory.readPhoto(id);
  if (stored === undefined) throw new AppError('bad-input', 'A photo was deleted during the check-up. Start it again.');
  return { mime: stored.photo.mime, bytes: stored.bytes };
}

/** The same memory without what is hidden; chats stay in here, and nothing counts as used. */
function hide(context: Context, hidden: Hidden): Context {
  const concepts = new Set<ConceptId>(hidden.concepts);
  const photos = new Set<PhotoId>(hidden.photos);
  const chats = new Map<ChatId, Chat>();
  const { memory } = context.ports;
  return {
    ...context,
    ports: {
      ...context.ports,
      memory: {
        ...memory,
        readChat: (id) => Promise.resolve(chats.get(id)),
        saveChat: (chat) => {
          chats.set(chat.id, chat);
          return Promise.resolve();
        },
        noteUse: () => Promise.resolve(),
      },
    },
    chatsChanged: () => Promise.resolve(),
    async state() {
      const state = await context.state();
      if (concepts.size === 0 && photos.size === 0) return state;
      const left = state.concepts.filter(({ id }) => !concepts.has(id));
      const facts = state.facts.filter(({ conceptId }) => !concepts.has(conceptId));
      return {
        ...state,
        concepts: left,
        facts,
        photos: state.photos.filter(({ id, conceptId }) => !photos.has(id) && !concepts.has(conceptId)),
        patches: state.patches.filter(({ photoId, conceptId }) => !photos.has(photoId) && !concepts.has(conceptId)),
        index: concepts.size === 0 ? state.index : buildTextIndex(left, facts),
      };
    },
    async vectors(ids) {
      const all = await context.vectors(ids);
      return all.filter(({ photoId, conceptId }) => !photos.has(photoId) && !concepts.has(conceptId));
    },
    library: () => context.library(({ id, conceptId }) => !photos.has(id) && !concepts.has(conceptId)),
  };
}

const tally = { n: v.number(), right: v.number(), rightWithout: v.number(), rightFirst: v.number() };
const conceptId = v.custom<ConceptId>((value) => typeof value === 'string');
const photoId = v.custom<PhotoId>((value) => typeof value === 'string');

/** As it is kept; parsed on read, since an older or newer Jarvis may have written it. */
const RESULT = v.object({
  at: v.number(),
  stopped: v.boolean(),
  report: v.object({
    all: v.object(tally),
    concepts: v.array(v.object({ ...tally, conceptId, name: v.string() })),
    kinds: v.record(v.picklist(CHECK_UP_KINDS), v.object(tally)),
    confusions: v.array(v.object({ conceptId, takenFor: conceptId, times: v.number(), photoIds: v.array(photoId) })),
    help: v.array(
      v.object({
        conceptId,
        why: v.picklist(['no-photo', 'one-photo', 'taken-for-another', 'not-recognised']),
        photoId: v.undefinedable(photoId),
        takenFor: v.undefinedable(conceptId),
      }),
    ),
  }),
});
