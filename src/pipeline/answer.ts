// Answer: retrieve → assemble → decode → reflect. Memory is linked, never prefilled again; only what is new is.

import type { AnswerEvent, AskRequest } from '../core/acts';
import { matchPhoto, type PhotoMatch } from '../core/match';
import { DONT_KNOW } from '../core/prompt';
import type { Assembled } from '../core/stages/assemble';
import { ENROL_LIMITS } from '../core/stages/enrol';
import { reflect, type Reflected } from '../core/stages/reflect';
import { retrieve, RETRIEVE_DEFAULTS, type Retrieved } from '../core/stages/retrieve';
import type { BlockKey, ChatId, ChatPhoto, Message, MessageId, Pixels, Trace } from '../core/types';
import type { Blocks } from './blocks';
import { before, placeAnswer, placeQuestion } from './chats';
import type { Context, MemoryState } from './context';
import { assembledNote, gather, type Kept, tokensOf } from './gather';
import { createLiveChats } from './live-chats';
import type { Decoded } from './ports';
import { decodeTurn } from './reading';
import { linkedTexts, nearestFact, sourcesOf } from './sources';
import { counted, createStages, type StageRunner } from './stages';
import { createTurnPhotos, type Turn } from './turns';

export interface Answering {
  ask(request: AskRequest, onEvent: (event: AnswerEvent) => void, signal: AbortSignal): Promise<Message>;
  /** Frees the chat's live cache, once no question uses it. */
  forget(chatId: ChatId): Promise<void>;
  close(): void;
}

// [Note: turns are independent] mini is trained on single turns behind memory (core/model-traits.ts), so its questions stand
// alone behind their blocks. What a turn leaves behind is its cache ([Note: Live chats]), who it was about, for "she", and its
// words, which are read again only by a question that leans on them.

const NEVER = new AbortController().signal;

export function createAnswering(context: Context, blocks: Blocks): Answering {
  const live = createLiveChats();
  const photos = createTurnPhotos(context.ports.images);

  return {
    forget: (chatId) =>
      context.queue.run(
        'question',
        () => {
          live.drop(chatId);
          return Promise.resolve();
        },
        NEVER,
      ),
    close: () => live.close(),
    async ask(request, onEvent, signal) {
      const askedAt = performance.now();
      const seen = request.photo === undefined ? undefined : await shrunk(context, request.photo);
      const asked = await placeQuestion(context, request, seen?.stored);
      const pixels = seen?.pixels ?? (asked.photo === undefined ? undefined : await decoded(context, asked.photo));
      const stages = createStages((stage, note) => onEvent({ kind: 'stage', stage, note }));
      const turn: Turn = { asked, before: before(asked.chat), pixels, noMemory: request.noMemory === true, askedAt };
      const question = asked.chat.messages.at(-1);
      if (question !== undefined && pixels !== undefined) photos.note(question.id, pixels);
      const { message, linked } = await context.queue.run(
        'question',
        () => answer(context, { blocks, live, photos }, stages, turn, onEvent, signal),
        signal,
      );
      await placeAnswer(context, request.chatId, message);
      onEvent({ kind: 'done', message });
      if (linked.length > 0) await context.ports.memory.noteUse(linked);
      return message;
    },
  };
}

async function answer(
  context: Context,
  kept: Kept,
  stages: StageRunner,
  turn: Turn,
  onEvent: (event: AnswerEvent) => void,
  signal: AbortSignal,
): Promise<{ message: Message; linked: readonly BlockKey[] }> {
  const { vlm } = context.ports;
  const state = await context.state();
  const found = await stages.run(
    'retrieve',
    () => find(context, state, turn, signal),
    (result) => result.note,
  );
  const gathered = await stages.run('assemble', () => gather(context, kept, state, found, turn, signal), assembledNote);
  const { plan, linked } = gathered;
  const decoded = await stages.run(
    'decode',
    () => decodeTurn(context, kept, turn, state, found, gathered, onEvent, signal),
    ({ said, prefilled }) => `${counted(said.tokens, 'token')}, ${prefilled} prefilled`,
  );
  const stopped = decoded.said.finish === 'stopped';
  const texts = linkedTexts(
    state,
    linked.map(({ source }) => source),
  );
  const reflected = await stages.run(
    'reflect',
    () => Promise.resolve(judge(turn, decoded.said, texts, state, found, plan, stopped)),
    ({ verdict }) => verdict.kind,
  );
  const about = found.hits.filter((hit) => hit.kind === 'concept').map((hit) => hit.conceptId);
  const trace: Trace = {
    stages: stages.times,
    model: vlm.info.id,
    backend: vlm.info.backend,
    concepts: about,
    tokensLinked: tokensOf(linked),
    tokensPrefilled: decoded.prefilled,
    tokensDecoded: decoded.said.tokens,
    ttftMs: decoded.said.firstTokenAt - turn.askedAt,
    draft: decoded.said.text,
    verdict: reflected.verdict,
  };
  const names = new Map(state.concepts.map((concept) => [concept.id, concept.name]));
  const message: Message = {
    id: crypto.randomUUID() as MessageId,
    role: 'assistant',
    text: reflected.text,
    sources: reflected.verdict.kind === 'kept' ? sourcesOf(state, plan.sources, reflected.support, found) : [],
    cues: found.cues.map((cue) => ({ ...cue, name: names.get(cue.conceptId) ?? '' })),
    nearest: reflected.verdict.kind === 'kept' ? undefined : nearestFact(state, turn.asked.text, found, turn.noMemory),
    trace,
    stopped,
    createdAt: Date.now(),
  };
  return { message, linked: linked.map(({ key }) => key) };
}

const NOTHING: Retrieved = { hits: [], cues: [], strangers: [], sure: false, leans: false, note: 'no memory' };

async function find(context: Context, state: MemoryState, turn: Turn, signal: AbortSignal): Promise<Retrieved> {
  if (turn.noMemory) return NOTHING;
  const { encoder } = context.ports;
  let matches: PhotoMatch[] | undefined;
  if (turn.pixels !== undefined) {
    const features = await encoder.encode(turn.pixels, signal);
    matches = matchPhoto(features, await context.vectors(), encoder.background, encoder.calibration);
  }
  const { about, exchange } = turn.before;
  return retrieve(turn.asked.text, state, matches, about, RETRIEVE_DEFAULTS, exchange?.question);
}

/** A stopped answer is half a sentence: it is shown as it is. */
function judge(
  turn: Turn,
  said: Decoded,
  texts: ReturnType<typeof linkedTexts>,
  state: MemoryState,
  found: Retrieved,
  plan: Assembled,
  stopped: boolean,
): Reflected {
  if (stopped) return { verdict: { kind: 'kept' }, text: said.text, support: [] };
  if (turn.noMemory) {
    // The baseline shows what the bare model says.
    const text = said.text === '' ? DONT_KNOW : said.text;
    return { verdict: { kind: 'kept' }, text, support: [] };
  }
  return reflect({
    question: turn.asked.text,
    draft: said.text,
    linked: texts,
    concepts: state.concepts,
    cues: found.cues,
    hasPhoto: turn.pixels !== undefined,
    hasPatches: plan.sources.some((source) => source.kind === 'patch'),
  });
}

/** The question's photo as it is kept: upright, without EXIF, longest edge 1024 px. */
async function shrunk(context: Context, photo: ChatPhoto): Promise<{ pixels: Pixels; stored: ChatPhoto }> {
  const pixels = await decoded(context, photo);
  return { pixels, stored: await context.ports.images.encode(pixels) };
}

async function decoded(context: Context, photo: ChatPhoto): Promise<Pixels> {
  return context.ports.images.decode(photo.bytes, photo.mime, ENROL_LIMITS.photoEdgePx);
}
