// Answer: retrieve → assemble → decode → reflect. Memory is linked, never prefilled again; only the question is.

import type { AnswerEvent, AskRequest } from '../core/acts';
import { matchPhoto, type PhotoMatch } from '../core/match';
import { spokenName, splitByNames } from '../core/names';
import { cueSentence, DONT_KNOW, joinNames, turnSegment } from '../core/prompt';
import { asksIdentity } from '../core/question-kind';
import { assemble, RECOMPUTE, recomputedTokens, TURN_TOKENS, type Assembled } from '../core/stages/assemble';
import { askedOfOne, GREEDY, joinAnswers } from '../core/stages/decode';
import { ENROL_LIMITS } from '../core/stages/enrol';
import { reflect, type Reflected } from '../core/stages/reflect';
import { retrieve, RETRIEVE_DEFAULTS, type Retrieved } from '../core/stages/retrieve';
import type { BlockKey, ChatPhoto, ConceptId, Message, MessageId, Pixels, Trace } from '../core/types';
import type { Blocks, LinkedBlock } from './blocks';
import { before, placeAnswer, placeQuestion, type Asked, type Before } from './chats';
import { blockOf, type Context, type MemoryState } from './context';
import type { Decoded } from './ports';
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

interface Turn {
  readonly asked: Asked;
  readonly before: Before;
  readonly pixels: Pixels | undefined;
  readonly noMemory: boolean;
  readonly askedAt: number; // performance.now() clock
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

/** What the turn says of its photo: who is in it. Nothing without a photo, and nothing when memory is off. */
function cueOf(state: MemoryState, found: Retrieved, turn: Turn): string {
  if (turn.pixels === undefined || turn.noMemory) return '';
  const present = new Set(found.cues.filter((cue) => cue.present).map((cue) => cue.conceptId));
  return cueSentence(state.concepts.filter((concept) => present.has(concept.id)).map((concept) => concept.name));
}

/** "Who is this?" is answered by what retrieval recognised; the model only ends the sentence. */
function openingOf(state: MemoryState, found: Retrieved, turn: Turn): { opening?: string } {
  const present = found.cues.filter((cue) => cue.present).map((cue) => cue.conceptId);
  if (turn.pixels === undefined || present.length === 0 || !asksIdentity(turn.asked.text)) return {};
  const names = state.concepts.filter(({ id }) => present.includes(id)).map(({ name }) => spokenName(name));
  return { opening: `This is ${joinNames(names)}` };
}

/** Names of the concepts that were retrieved, or of one of them: decode writes them out once begun. */
function linkedNames(state: MemoryState, found: Retrieved, only?: ConceptId): string[] {
  const ids = new Set(found.hits.map((hit) => hit.conceptId));
  const wanted = state.concepts.filter(({ id }) => ids.has(id) && (only === undefined || id === only));
  return wanted.map((concept) => concept.name);
}

/**
 * [Note: one concept at a time] A question about several concepts is read behind each concept's blocks in turn and the answers are joined:
 * mini was made for one or two sentences of memory, and a block sees no other anyway. Only where recall is sure of facts.
 */
async function decodeTurn(
  context: Context,
  blocks: Blocks,
  turn: Turn,
  state: MemoryState,
  found: Retrieved,
  linked: readonly LinkedBlock[],
  onEvent: (event: AnswerEvent) => void,
  signal: AbortSignal,
): Promise<{ said: Decoded; prefilled: number }> {
  const groups = found.sure && turn.pixels === undefined ? byConcept(linked) : [linked];
  const halves = groups.length > 1 ? splitByNames(turn.asked.text, state.concepts) : undefined;
  const names = linkedNames(state, found);
  const parts: Decoded[] = [];
  let prefilled = 0;
  for (const group of groups) {
    const whose = groups.length > 1 ? group[0]?.source.conceptId : undefined;
    const question =
      whose === undefined
        ? turn.asked.text
        : (halves?.get(whose) ?? askedOfOne(turn.asked.text, names, linkedNames(state, found, whose)[0] ?? ''));
    const earlier = parts.map(({ text }) => text);
    const onText = (text: string): void => onEvent({ kind: 'text', text: joinAnswers([...earlier, text]) });
    const read = await decodeGroup(context, blocks, { ...turn, question }, state, found, group, onText, signal);
    parts.push(read.said);
    prefilled += read.prefilled;
    if (read.said.finish === 'stopped') break;
  }
  const [first = { firstTokenAt: performance.now() }, last] = [parts[0], parts.at(-1)];
  const said: Decoded = {
    text: joinAnswers(parts.map(({ text }) => text)),
    tokens: parts.reduce((sum, { tokens }) => sum + tokens, 0),
    firstTokenAt: first.firstTokenAt,
    finish: last?.finish ?? 'end',
  };
  return { said, prefilled };
}

/** Blocks of each concept that has a fact among them; all in one group when there are not two such concepts. */
function byConcept(linked: readonly LinkedBlock[]): (readonly LinkedBlock[])[] {
  const groups = new Map<ConceptId, LinkedBlock[]>();
  for (const one of linked) {
    groups.set(one.source.conceptId, [...(groups.get(one.source.conceptId) ?? []), one]);
  }
  const telling = [...groups.values()].filter((group) => group.some(({ source }) => source.kind === 'fact'));
  return telling.length > 1 ? telling : [linked];
}

async function decodeGroup(
  context: Context,
  blocks: Blocks,
  turn: Turn & { readonly question: string },
  state: MemoryState,
  found: Retrieved,
  linked: readonly LinkedBlock[],
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<{ said: Decoded; prefilled: number }> {
  const { vlm, recompute = RECOMPUTE } = context.ports;
  const rows = linked.map(({ block }) => block);
  const segments = recompute > 0 ? await blocks.segments(linked.map(({ source }) => source)) : [];
  const session = await vlm.link(rows, signal, recompute > 0 ? { recompute, segments } : undefined);
  try {
    const linkedTokens = session.tokens;
    const leansOn = found.leans && turn.pixels === undefined ? turn.before.exchange : undefined;
    const segment = turnSegment(turn.question, cueOf(state, found, turn), turn.pixels, leansOn);
    const logits = await session.prefill([segment], signal);
    const lengths = rows.map(({ tokens }) => tokens);
    const prefilled = session.tokens - linkedTokens + recomputedTokens(lengths, recompute);
    const opening = openingOf(state, found, turn);
    const sampling = { ...GREEDY, names: linkedNames(state, found), mustAnswer: found.sure, ...opening };
    const said = await session.decode(logits, sampling, onText, signal);
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
