// Answer: retrieve → assemble → decode → reflect. Memory is linked, never prefilled again; only what is new is.

import type { AnswerEvent, AskRequest } from '../core/acts';
import type { CollaborationTrace } from '../core/large';
import type { PhotoMatch } from '../core/match';
import { findNames, whomNamed } from '../core/names';
import { DONT_KNOW } from '../core/prompt';
import { asksIdentity } from '../core/question-kind';
import type { Assembled } from '../core/stages/assemble';
import { sourceId } from '../core/stages/encode';
import { ENROL_LIMITS } from '../core/stages/enrol';
import { type LinkedText, quoted, reflect, type Reflected } from '../core/stages/reflect';
import { retrieve, RETRIEVE_DEFAULTS, type Retrieved } from '../core/stages/retrieve';
import type { BlockKey, ChatId, ChatPhoto, FactId, Message, MessageId, Pixels, Trace } from '../core/types';
import type { Blocks } from './blocks';
import { answerFromCue } from '../core/report-answer';
import type { Checked } from './collaborate';
import { wantsSmall } from './away';
import { byLarge, bySelf, type Collaboration, type Helped, helps, prepare, shownCues } from './collaboration';
import { before, placeAnswer, placeQuestion } from './chats';
import type { Context, MemoryState } from './context';
import { assembledNote, gather, type Gathered, type Kept, tokensOf } from './gather';
import { createLiveChats } from './live-chats';
import { look } from './looking';
import type { Decoded, VlmInfo } from './ports';
import { decodeTurn } from './reading';
import { recognise } from './recognise';
import { ofSeveral } from '../core/several';
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

/** `collaboration`: what asks larger models, and checks photos; without it the small model answers by itself (the check-up). */
export function createAnswering(context: Context, blocks: Blocks, collaboration?: Collaboration): Answering {
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
      const { noMemory = false, withoutLarger, probe } = request;
      const turn: Turn = { asked, before: before(asked.chat), pixels, noMemory, probe, withoutLarger, askedAt };
      const question = asked.chat.messages.at(-1);
      if (question !== undefined && pixels !== undefined) photos.note(question.id, pixels);
      const kept = { blocks, live, photos };
      const settings = await collaboration?.choice.settings();
      const helped =
        collaboration && settings && helps(context, settings, turn)
          ? { context, collaboration, settings, stages, turn, onEvent, signal }
          : undefined;
      const { message, linked } =
        helped === undefined
          ? await context.queue.run('question', () => answer(context, kept, stages, turn, onEvent, signal), signal)
          : await withHelp(helped, kept);
      await placeAnswer(context, request.chatId, message);
      onEvent({ kind: 'done', message });
      if (linked.length > 0) await context.ports.memory.noteUse(linked);
      return message;
    },
  };
}

interface Given {
  readonly message: Message;
  readonly linked: readonly BlockKey[];
}

/** A larger model is asked while the small one is free for others; where it does not answer, or there is none, the small one does. */
async function withHelp(helped: Helped, kept: Kept): Promise<Given> {
  const { context, stages, turn, onEvent, signal } = helped;
  const prepared = await context.queue.run('question', () => prepare(helped), signal);
  const larger = await byLarge(helped, prepared);
  if (larger !== undefined && 'role' in larger) return { message: larger, linked: [] };
  if (context.ports.vlm.isAway === true) throw wantsSmall(larger?.fault);
  return context.queue.run(
    'question',
    async () => {
      const checked = await bySelf(helped, prepared);
      const known = { state: prepared.state, found: checked?.found ?? prepared.found, checked, failed: larger };
      return answer(context, kept, stages, turn, onEvent, signal, known);
    },
    signal,
  );
}

/** What is known of a question before the small model answers it. */
interface Known {
  readonly state: MemoryState;
  readonly found: Retrieved;
  readonly checked: Checked | undefined; // cues that stood the small model's own check
  readonly failed: CollaborationTrace | undefined; // why a larger model did not answer
}

async function answer(
  context: Context,
  kept: Kept,
  stages: StageRunner,
  turn: Turn,
  onEvent: (event: AnswerEvent) => void,
  signal: AbortSignal,
  known?: Known,
): Promise<Given> {
  const { vlm } = context.ports;
  const state = known?.state ?? (await context.state());
  const found =
    known?.found ??
    (await stages.run(
      'retrieve',
      () => find(context, state, turn, signal),
      (result) => result.note,
    ));
  const checked = known?.checked;
  const gathered = await stages.run('assemble', () => gather(context, kept, state, found, turn, signal), assembledNote);
  const { plan, linked } = gathered;
  const decoded = await stages.run(
    'decode',
    () => lookOrRead(context, kept, turn, state, found, gathered, onEvent, signal, checked),
    ({ said, prefilled, by }) =>
      by === 'words' ? `${counted(said.tokens, 'token')}, ${prefilled} prefilled` : SEEN_BY[by],
  );
  const stopped = decoded.said.finish === 'stopped';
  const texts = linkedTexts(
    state,
    linked.map(({ source }) => source),
  );
  const reflected = await stages.run(
    'reflect',
    () => Promise.resolve(judge(vlm.info, turn, decoded, texts, state, found, plan)),
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
    ...collaborationOf(known),
  };
  const says = ['kept', 'quoted', 'reported'].includes(reflected.verdict.kind);
  const names = new Map(state.concepts.map((concept) => [concept.id, concept.name]));
  const message: Message = {
    id: crypto.randomUUID() as MessageId,
    role: 'assistant',
    text: reflected.text,
    sources: says ? sourcesOf(state, plan.sources, reflected.support, found) : [],
    cues: checked
      ? shownCues(checked.cues)
      : found.cues.map((cue) => ({ ...cue, name: names.get(cue.conceptId) ?? '' })),
    nearest: says ? undefined : nearestFact(state, turn.asked.text, found, turn.noMemory),
    trace,
    stopped,
    createdAt: Date.now(),
  };
  return { message, linked: linked.map(({ key }) => key) };
}

/** The small model's own check and a larger model's fault stand in one trace: who was asked first, and what it cost, is the latter's. */
function collaborationOf(known: Known | undefined): Pick<Trace, 'collaboration'> {
  const { checked, failed } = known ?? {};
  const trace = checked === undefined ? failed : { ...checked.trace, ...(failed && { fault: failed.fault }) };
  return trace === undefined ? {} : { collaboration: trace };
}

interface Answered {
  readonly said: Decoded;
  readonly prefilled: number;
  readonly by: 'words' | keyof typeof SEEN_BY;
}

/** Answers that no words of the model's gave: its eyes did, or a cue that stood the check. */
const SEEN_BY = { eyes: 'looked at the photo', cue: 'told by the photo check' } as const;

async function lookOrRead(
  context: Context,
  kept: Kept,
  turn: Turn,
  state: MemoryState,
  found: Retrieved,
  gathered: Gathered,
  onEvent: (event: AnswerEvent) => void,
  signal: AbortSignal,
  checked: Checked | undefined,
): Promise<Answered> {
  const told = checked && toldByCue(turn, state, checked);
  const seen = told ?? (await look(context, state, found, turn, signal, checked?.cues));
  if (seen === undefined) {
    return { ...(await decodeTurn(context, kept, turn, state, found, gathered, onEvent, signal)), by: 'words' };
  }
  onEvent({ kind: 'text', text: seen });
  const said: Decoded = { text: seen, tokens: 0, firstTokenAt: performance.now(), finish: 'end' };
  return { said, prefilled: 0, by: told === undefined ? 'eyes' : 'cue' };
}

/** Whether the one concept a question names is in the picture, and where: its cue says. */
function toldByCue({ asked }: Turn, state: MemoryState, { cues }: Checked): string | undefined {
  const named = new Set(findNames(asked.text, state.concepts).map(({ conceptId }) => conceptId));
  const [cue] = cues.filter(({ conceptId }) => named.has(conceptId));
  return named.size === 1 && cue !== undefined ? answerFromCue(asked.text, cue) : undefined;
}

const NOTHING: Retrieved = {
  hits: [],
  cues: [],
  strangers: [],
  sure: [],
  ranked: [],
  nearest: undefined,
  untold: [],
  partly: false,
  leans: false,
  note: 'no memory',
};

async function find(context: Context, state: MemoryState, turn: Turn, signal: AbortSignal): Promise<Retrieved> {
  if (turn.noMemory) return NOTHING;
  const { encoder } = context.ports;
  let matches: PhotoMatch[] | undefined;
  if (turn.pixels !== undefined) {
    matches = await recognise(
      encoder,
      await context.calibration(),
      turn.pixels,
      await context.library(),
      signal,
      whomNamed(turn.asked.text, state.concepts),
    );
  }
  const { about, exchange } = turn.before;
  const options = { ...RETRIEVE_DEFAULTS, ...turn.probe?.retrieve };
  return retrieve(turn.asked.text, state, matches, about, options, exchange?.question, signal);
}

/** A stopped answer is half a sentence: it is shown as it is. */
function judge(
  { cutsNotes }: VlmInfo,
  turn: Turn,
  { said, by }: Answered,
  texts: ReturnType<typeof linkedTexts>,
  state: MemoryState,
  found: Retrieved,
  plan: Assembled,
): Reflected {
  // What was seen is said of the picture alone, and only where the eyes are sure: no words of memory stand behind it.
  if (by === 'cue') return { verdict: { kind: 'reported' }, text: said.text, support: [] };
  if (by === 'eyes' || said.finish === 'stopped') return { verdict: { kind: 'kept' }, text: said.text, support: [] };
  if (turn.noMemory) {
    // The baseline shows what the bare model says.
    const text = said.text === '' ? DONT_KNOW : said.text;
    return { verdict: { kind: 'kept' }, text, support: [] };
  }
  const reflected = reflect({
    question: turn.asked.text,
    draft: said.text,
    linked: texts,
    concepts: state.concepts,
    cues: found.cues,
    hasPhoto: turn.pixels !== undefined,
    hasPatches: plan.sources.some((source) => source.kind === 'patch'),
  });
  if (asksIdentity(turn.asked.text) && turn.pixels !== undefined) return reflected; // its facts were not what was asked for
  const facts = found.hits.flatMap((hit) => (hit.kind === 'fact' ? [hit] : []));
  // What answers each thing asked, else the likeliest of each concept.
  const sureOf = new Set(facts.filter(({ factId }) => found.sure.includes(factId)).map(({ conceptId }) => conceptId));
  const best = facts.filter((hit, at) =>
    sureOf.has(hit.conceptId)
      ? found.sure.includes(hit.factId)
      : facts.findIndex((other) => other.conceptId === hit.conceptId) === at,
  );
  const notesOf = (ids: readonly FactId[]): LinkedText[] =>
    ids.flatMap((factId) => texts.filter(({ id, conceptId }) => id === sourceId({ kind: 'fact', conceptId, factId })));
  const whole = cutsNotes ? notesOf(best.map(({ factId }) => factId)) : [];
  const others = cutsNotes ? notesOf(facts.filter((hit) => !best.includes(hit)).map(({ factId }) => factId)) : [];
  const sure = notesOf(found.sure);
  const answered = quoted(reflected, whole, sure, others);
  const untold = found.untold.flatMap((id) => state.concepts.find((concept) => concept.id === id)?.name ?? []);
  return ['kept', 'quoted'].includes(answered.verdict.kind)
    ? { ...answered, text: ofSeveral(answered.text, turn.asked.text, sure, untold, found.partly) }
    : answered;
}

/** The question's photo as it is kept: upright, without EXIF, longest edge 1024 px. */
async function shrunk(context: Context, photo: ChatPhoto): Promise<{ pixels: Pixels; stored: ChatPhoto }> {
  const pixels = await decoded(context, photo);
  return { pixels, stored: await context.ports.images.encode(pixels) };
}

async function decoded(context: Context, photo: ChatPhoto): Promise<Pixels> {
  return context.ports.images.decode(photo.bytes, photo.mime, ENROL_LIMITS.photoEdgePx);
}
