// Answer: retrieve → assemble → decode → reflect. Memory is linked, never prefilled again; only the question is.

import type { AnswerEvent, AskRequest } from '../core/acts';
import { matchPhoto, type PhotoMatch } from '../core/match';
import { DONT_KNOW } from '../core/prompt';
import { assemble, TURN_TOKENS, type Assembled } from '../core/stages/assemble';
import { ENROL_LIMITS } from '../core/stages/enrol';
import { reflect, type Reflected } from '../core/stages/reflect';
import { retrieve, RETRIEVE_DEFAULTS, type Retrieved } from '../core/stages/retrieve';
import type { BlockKey, ChatPhoto, Message, MessageId, Pixels, Trace } from '../core/types';
import type { Blocks, LinkedBlock } from './blocks';
import { before, placeAnswer, placeQuestion } from './chats';
import { blockOf, type Context, type MemoryState } from './context';
import type { Decoded } from './ports';
import { decodeTurn, type Turn } from './reading';
import { linkedTexts, nearestFact, sourcesOf } from './sources';
import { counted, createStages, type StageRunner } from './stages';

export interface Answering {
  ask(request: AskRequest, onEvent: (event: AnswerEvent) => void, signal: AbortSignal): Promise<Message>;
}

// [Note: turns are independent] Each question is linked afresh from blocks held in memory: linking costs milliseconds. What a
// turn leaves behind is who it was about, for "she", and its words, which are read again only by a question that leans on them.

export function createAnswering(context: Context, blocks: Blocks): Answering {
  return {
    async ask(request, onEvent, signal) {
      const askedAt = performance.now();
      const seen = request.photo === undefined ? undefined : await shrunk(context, request.photo);
      const asked = await placeQuestion(context, request, seen?.stored);
      const pixels = seen?.pixels ?? (asked.photo === undefined ? undefined : await decoded(context, asked.photo));
      const stages = createStages((stage, note) => onEvent({ kind: 'stage', stage, note }));
      const turn: Turn = { asked, before: before(asked.chat), pixels, noMemory: request.noMemory === true, askedAt };
      const { message, linked } = await context.queue.run(
        'question',
        () => answer(context, blocks, stages, turn, onEvent, signal),
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
  blocks: Blocks,
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
  const { plan, linked } = await stages.run(
    'assemble',
    () => gather(context, blocks, state, found, signal),
    (result) => assembledNote(result.plan, result.linked),
  );
  const decoded = await stages.run(
    'decode',
    () => decodeTurn(context, blocks, turn, state, found, linked, onEvent, signal),
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
    tokensLinked: linked.reduce((sum, { block }) => sum + block.tokens, 0),
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

async function gather(
  context: Context,
  blocks: Blocks,
  state: MemoryState,
  found: Retrieved,
  signal: AbortSignal,
): Promise<{ plan: Assembled; linked: LinkedBlock[] }> {
  const { maxTokens, prefixTokens } = context.ports.vlm.info;
  const plan = assemble(found.hits, state.concepts, (source) => blockOf(state, source)?.tokens, {
    maxTokens,
    prefixTokens,
    turnTokens: Math.min(TURN_TOKENS, Math.floor(maxTokens / 2)),
  });
  return { plan, linked: await blocks.read(plan.sources, signal) };
}

function assembledNote(plan: Assembled, linked: readonly LinkedBlock[]): string {
  const tokens = linked.reduce((sum, { block }) => sum + block.tokens, 0);
  const left = plan.dropped.length === 0 ? '' : `, ${plan.dropped.length} left out`;
  return `${counted(tokens, 'token')} linked from ${counted(linked.length, 'block')}${left}`;
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
