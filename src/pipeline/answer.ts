// Answer: retrieve → assemble → decode → reflect. Memory is linked, never prefilled again; only the question is.

import type { AnswerEvent, AskRequest } from '../core/acts';
import { matchPhoto, type PhotoMatch } from '../core/match';
import { cueSentence, DONT_KNOW, turnSegment } from '../core/prompt';
import { assemble, RECOMPUTE, recomputedTokens, TURN_TOKENS, type Assembled } from '../core/stages/assemble';
import { GREEDY } from '../core/stages/decode';
import { ENROL_LIMITS } from '../core/stages/enrol';
import { reflect, type Reflected } from '../core/stages/reflect';
import { retrieve, type Retrieved } from '../core/stages/retrieve';
import type {
  BlockKey,
  BlockSource,
  ChatId,
  ChatPhoto,
  ConceptId,
  Message,
  MessageId,
  Pixels,
  Trace,
} from '../core/types';
import type { Blocks, LinkedBlock } from './blocks';
import { placeAnswer, placeQuestion, type Asked } from './chats';
import { blockOf, type Context, type MemoryState } from './context';
import type { Decoded } from './ports';
import { linkedTexts, nearestFact, sourcesOf } from './sources';
import { counted, createStages, type StageRunner } from './stages';

export interface Answering {
  ask(request: AskRequest, onEvent: (event: AnswerEvent) => void, signal: AbortSignal): Promise<Message>;
}

// [Note: turns are independent] Each question is linked afresh from blocks held in memory: linking costs milliseconds, and mini
// is trained on single turns behind memory. What a turn leaves behind is who it was about, for "she" and "and how old?".

export function createAnswering(context: Context, blocks: Blocks): Answering {
  const lastAbout = new Map<ChatId, readonly ConceptId[]>();

  return {
    async ask(request, onEvent, signal) {
      const askedAt = performance.now();
      const seen = request.photo === undefined ? undefined : await shrunk(context, request.photo);
      const asked = await placeQuestion(context, request, seen?.stored);
      const pixels = seen?.pixels ?? (asked.photo === undefined ? undefined : await decoded(context, asked.photo));
      const stages = createStages((stage, note) => onEvent({ kind: 'stage', stage, note }));
      const turn: Turn = { asked, pixels, noMemory: request.noMemory === true, askedAt };
      const previous = lastAbout.get(request.chatId) ?? [];
      const answered = await context.queue.run(
        'question',
        () => answer(context, blocks, stages, turn, previous, onEvent, signal),
        signal,
      );
      if (answered.about.length > 0) lastAbout.set(request.chatId, answered.about);
      await placeAnswer(context, request.chatId, answered.message);
      onEvent({ kind: 'done', message: answered.message });
      if (answered.linked.length > 0) await context.ports.memory.noteUse(answered.linked);
      return answered.message;
    },
  };
}

interface Turn {
  readonly asked: Asked;
  readonly pixels: Pixels | undefined;
  readonly noMemory: boolean;
  readonly askedAt: number; // performance.now() clock
}

async function answer(
  context: Context,
  blocks: Blocks,
  stages: StageRunner,
  turn: Turn,
  previous: readonly ConceptId[],
  onEvent: (event: AnswerEvent) => void,
  signal: AbortSignal,
): Promise<{ message: Message; about: readonly ConceptId[]; linked: readonly BlockKey[] }> {
  const { vlm } = context.ports;
  const state = await context.state();
  const found = await stages.run(
    'retrieve',
    () => find(context, state, turn, previous, signal),
    (result) => result.note,
  );
  const { plan, linked } = await stages.run(
    'assemble',
    () => gather(context, blocks, state, found, signal),
    (result) => assembledNote(result.plan, result.linked),
  );
  const decoded = await stages.run(
    'decode',
    () =>
      decodeTurn(context, blocks, turn, cueOf(state, found, turn), linkedNames(state, found), linked, onEvent, signal),
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
  return { message, about, linked: linked.map(({ key }) => key) };
}

const NOTHING: Retrieved = { hits: [], cues: [], strangers: [], note: 'no memory' };

async function find(
  context: Context,
  state: MemoryState,
  turn: Turn,
  previous: readonly ConceptId[],
  signal: AbortSignal,
): Promise<Retrieved> {
  if (turn.noMemory) return NOTHING;
  const { encoder } = context.ports;
  let matches: PhotoMatch[] | undefined;
  if (turn.pixels !== undefined) {
    const features = await encoder.encode(turn.pixels, signal);
    matches = matchPhoto(features, await context.vectors(), encoder.background, encoder.calibration);
  }
  return retrieve(turn.asked.text, state, matches, previous);
}

async function gather(
  context: Context,
  blocks: Blocks,
  state: MemoryState,
  found: Retrieved,
  signal: AbortSignal,
): Promise<{ plan: Assembled; linked: LinkedBlock[] }> {
  const { maxTokens, prefixTokens } = context.ports.vlm.info;
  const turnTokens = Math.min(TURN_TOKENS, Math.floor(maxTokens / 2));
  const tokensOf = (source: BlockSource): number | undefined => blockOf(state, source)?.tokens;
  const options = { maxTokens, prefixTokens, turnTokens };
  const plan = assemble(found.hits, state.concepts, tokensOf, options, state.facts);
  return { plan, linked: await blocks.read(plan.sources, signal) };
}

function assembledNote(plan: Assembled, linked: readonly LinkedBlock[]): string {
  const tokens = linked.reduce((sum, { block }) => sum + block.tokens, 0);
  const left = plan.dropped.length === 0 ? '' : `, ${plan.dropped.length} left out`;
  return `${counted(tokens, 'token')} linked from ${counted(linked.length, 'block')}${left}`;
}

/** What the turn says of its photo: who is in it. Nothing without a photo, and nothing when memory is off. */
function cueOf(state: MemoryState, found: Retrieved, turn: Turn): string {
  if (turn.pixels === undefined || turn.noMemory) return '';
  const present = new Set(found.cues.filter((cue) => cue.present).map((cue) => cue.conceptId));
  return cueSentence(state.concepts.filter((concept) => present.has(concept.id)).map((concept) => concept.name));
}

/** Names of the concepts that were retrieved: decode writes them out once begun. */
function linkedNames(state: MemoryState, found: Retrieved): string[] {
  const ids = new Set(found.hits.map((hit) => hit.conceptId));
  return state.concepts.filter((concept) => ids.has(concept.id)).map((concept) => concept.name);
}

async function decodeTurn(
  context: Context,
  blocks: Blocks,
  turn: Turn,
  cue: string,
  names: readonly string[],
  linked: readonly LinkedBlock[],
  onEvent: (event: AnswerEvent) => void,
  signal: AbortSignal,
): Promise<{ said: Decoded; prefilled: number }> {
  const { vlm, recompute = RECOMPUTE } = context.ports;
  const rows = linked.map(({ block }) => block);
  const segments = recompute > 0 ? await blocks.segments(linked.map(({ source }) => source)) : [];
  const session = await vlm.link(rows, signal, recompute > 0 ? { recompute, segments } : undefined);
  try {
    const before = session.tokens;
    const logits = await session.prefill([turnSegment(turn.asked.text, cue, turn.pixels)], signal);
    const lengths = rows.map(({ tokens }) => tokens);
    const prefilled = session.tokens - before + recomputedTokens(lengths, recompute);
    const said = await session.decode(logits, { ...GREEDY, names }, (text) => onEvent({ kind: 'text', text }), signal);
    return { said, prefilled };
  } finally {
    session.dispose();
  }
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
