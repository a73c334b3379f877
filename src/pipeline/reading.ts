// Decode as an act: what of the question is read behind which blocks, and what the answer may begin with.

import type { AnswerEvent } from '../core/acts';
import { isAbort } from '../core/errors';
import { spokenName } from '../core/names';
import { joinNames } from '../core/prompt';
import { asksIdentity } from '../core/question-kind';
import { askedOfEach, joinAnswers } from '../core/shared-question';
import { RECOMPUTE, recomputedTokens } from '../core/stages/assemble';
import { GREEDY } from '../core/stages/decode';
import type { Retrieved } from '../core/stages/retrieve';
import type { Concept, ConceptId } from '../core/types';
import type { LinkedBlock } from './blocks';
import type { Context, MemoryState } from './context';
import { type Gathered, type Kept, linkGroup } from './gather';
import type { Decoded } from './ports';
import { segmentOf, type Turn } from './turns';

/**
 * [Note: one concept at a time] A question about several concepts is read behind each concept's blocks in turn and the answers are joined:
 * mini was made for one or two sentences of memory, and a block sees no other anyway. Only where recall is sure of facts.
 */
export async function decodeTurn(
  context: Context,
  kept: Kept,
  turn: Turn,
  state: MemoryState,
  found: Retrieved,
  gathered: Gathered,
  onEvent: (event: AnswerEvent) => void,
  signal: AbortSignal,
): Promise<{ said: Decoded; prefilled: number }> {
  const { groups } = gathered;
  const asked = askedOfEach(turn.asked.text, linkedConcepts(state, found), state.concepts);
  const parts: Decoded[] = [];
  let prefilled = 0;
  for (const group of groups) {
    const whose = groups.length > 1 ? group[0]?.source.conceptId : onlyTeller(group);
    const question = (whose && asked.get(whose)) ?? turn.asked.text;
    const earlier = parts.map(({ text }) => text);
    const onText = (text: string): void => onEvent({ kind: 'text', text: joinAnswers([...earlier, text]) });
    const segments = [...gathered.earlier.segments, segmentOf(context, state, found, turn, question)];
    const sampling = {
      ...GREEDY,
      names: linkedConcepts(state, found).map(({ name }) => name), // decode writes them out once begun
      mustAnswer: found.sure.length > 0,
      ...openingOf(state, found, turn),
    };
    const session = gathered.session ?? (await linkGroup(context, kept.blocks, group, signal));
    try {
      const { logits, prefilled: read } = await session.replace(segments, signal);
      prefilled += read + (gathered.reused ? 0 : repaired(context, group));
      parts.push(await session.decode(logits, sampling, onText, signal));
    } catch (error) {
      if (!isAbort(error)) kept.live.drop(turn.asked.chat.id); // what a failed run left behind is not built upon
      throw error;
    } finally {
      if (gathered.session === undefined) session.dispose();
    }
    if (parts.at(-1)?.finish === 'stopped') break;
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

/** Whose facts these are, where one concept alone has some: it is asked its own part. */
function onlyTeller(group: readonly LinkedBlock[]): ConceptId | undefined {
  const tellers = new Set(group.flatMap(({ source }) => (source.kind === 'fact' ? [source.conceptId] : [])));
  const [first] = tellers;
  return tellers.size === 1 ? first : undefined;
}

function repaired({ ports: { recompute = RECOMPUTE } }: Context, group: readonly LinkedBlock[]): number {
  return recomputedTokens(
    group.map(({ block }) => block.tokens),
    recompute,
  );
}

/** "Who is this?" is answered by what retrieval recognised; the model only ends the sentence. */
function openingOf(state: MemoryState, found: Retrieved, turn: Turn): { opening?: string } {
  const present = found.cues.filter((cue) => cue.present).map((cue) => cue.conceptId);
  if (turn.pixels === undefined || present.length === 0 || !asksIdentity(turn.asked.text)) return {};
  const names = state.concepts.filter(({ id }) => present.includes(id)).map(({ name }) => spokenName(name));
  return { opening: `This is ${joinNames(names)}` };
}

function linkedConcepts(state: MemoryState, found: Retrieved): readonly Concept[] {
  const ids = new Set(found.hits.map((hit) => hit.conceptId));
  return state.concepts.filter(({ id }) => ids.has(id));
}
