// Decode as an act: what of the question is read behind which blocks, and what the answer may begin with.

import type { AnswerEvent } from '../core/acts';
import { spokenName, splitByNames } from '../core/names';
import { cueSentence, joinNames, turnSegment } from '../core/prompt';
import { asksIdentity } from '../core/question-kind';
import { RECOMPUTE, recomputedTokens } from '../core/stages/assemble';
import { askedOfOne, GREEDY, joinAnswers } from '../core/stages/decode';
import type { Retrieved } from '../core/stages/retrieve';
import type { ConceptId, Pixels } from '../core/types';
import type { Blocks, LinkedBlock } from './blocks';
import type { Asked, Before } from './chats';
import type { Context, MemoryState } from './context';
import type { Decoded } from './ports';

export interface Turn {
  readonly asked: Asked;
  readonly before: Before;
  readonly pixels: Pixels | undefined;
  readonly noMemory: boolean;
  readonly askedAt: number; // performance.now() clock
}

/**
 * [Note: one concept at a time] A question about several concepts is read behind each concept's blocks in turn and the answers are joined:
 * mini was made for one or two sentences of memory, and a block sees no other anyway. Only where recall is sure of facts.
 */
export async function decodeTurn(
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
