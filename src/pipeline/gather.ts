// From hits to one cache for the question: which blocks and earlier turns, linked afresh or kept from the chat's last question.

import { assemble, END_TOKENS, RECOMPUTE, type Assembled } from '../core/stages/assemble';
import { GREEDY } from '../core/stages/decode';
import type { Retrieved } from '../core/stages/retrieve';
import type { ConceptId } from '../core/types';
import type { Blocks, LinkedBlock } from './blocks';
import { blockOf, type Context, type MemoryState } from './context';
import type { LiveChats } from './live-chats';
import type { VlmSession } from './ports';
import { counted } from './stages';
import { type EarlierTurns, earlierTurns, segmentOf, type Turn, type TurnPhotos } from './turns';

/** What is kept from one question to the next. */
export interface Kept {
  readonly blocks: Blocks;
  readonly live: LiveChats;
  readonly photos: TurnPhotos;
}

/** Memory for the question, and which earlier turns belong behind it. */
export interface Gathered {
  readonly plan: Assembled;
  readonly linked: readonly LinkedBlock[];
  readonly earlier: EarlierTurns;
  /** The chat's cache over all of `linked`, kept by `Kept.live`; undefined where each of `groups` is to be linked by itself. */
  readonly session: VlmSession | undefined;
  readonly groups: readonly (readonly LinkedBlock[])[]; // what is read at once: [Note: one concept at a time]
  readonly reused: boolean;
}

export async function gather(
  context: Context,
  { blocks, live, photos }: Kept,
  state: MemoryState,
  found: Retrieved,
  turn: Turn,
  signal: AbortSignal,
): Promise<Gathered> {
  const { vlm } = context.ports;
  const { chat } = turn.asked;
  const { maxTokens, prefixTokens } = vlm.info;
  const turnTokens = vlm.countTokens([segmentOf(context, state, found, turn)]) + GREEDY.maxTokens + END_TOKENS;
  const room = { maxTokens, prefixTokens, turnTokens, memoryTokens: turn.probe?.memoryTokens };
  const plan = assemble(found.hits, state.concepts, (source) => blockOf(state, source)?.tokens, room, state.facts);
  const linked = await blocks.read(plan.sources, signal);
  const left = maxTokens - prefixTokens - turnTokens - tokensOf(linked);
  const earlier = await earlierTurns(chat, left, vlm, photos);
  const gathered = { plan, linked, earlier, reused: false };
  const groups = found.sure.length > 0 && turn.pixels === undefined ? byConcept(linked) : [linked];
  if (groups.length > 1) return { ...gathered, session: undefined, groups };
  const keys = linked.map(({ key }) => key);
  const known = live.find(chat.id, keys);
  if (known !== undefined) return { ...gathered, session: known, groups, reused: true };
  live.drop(chat.id); // before another cache is made: both at once may not fit
  const session = await linkGroup(context, blocks, linked, signal);
  live.keep(chat.id, keys, session);
  return { ...gathered, session, groups };
}

/** A cache over these blocks, repaired where the engine is set to. The caller's to dispose of. */
export async function linkGroup(
  context: Context,
  blocks: Blocks,
  linked: readonly LinkedBlock[],
  signal: AbortSignal,
): Promise<VlmSession> {
  const { vlm, recompute = RECOMPUTE } = context.ports;
  const rows = linked.map(({ block }) => block);
  if (recompute === 0) return vlm.link(rows, signal);
  return vlm.link(rows, signal, { recompute, segments: await blocks.segments(linked.map(({ source }) => source)) });
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

export function tokensOf(linked: readonly LinkedBlock[]): number {
  return linked.reduce((sum, { block }) => sum + block.tokens, 0);
}

export function assembledNote({ plan, linked, earlier, reused }: Gathered): string {
  const memory = `${counted(tokensOf(linked), 'token')} ${reused ? 'kept' : 'linked'} from ${counted(linked.length, 'block')}`;
  const turns = earlier.read === 0 ? '' : `, ${counted(earlier.read, 'earlier turn')}`;
  const oldest = earlier.dropped === 0 ? '' : `, ${counted(earlier.dropped, 'oldest turn')} left out`;
  const lowest = plan.dropped.length === 0 ? '' : `, ${counted(plan.dropped.length, 'block')} left out`;
  return `${memory}${turns}${oldest}${lowest}`;
}
