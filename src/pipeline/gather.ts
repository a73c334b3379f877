// From hits to one cache for the question: which blocks and earlier turns, linked afresh or kept from the chat's last question.

import { assemble, END_TOKENS, type Assembled } from '../core/stages/assemble';
import { GREEDY } from '../core/stages/decode';
import type { Chat, Hit, Segment } from '../core/types';
import type { Blocks, LinkedBlock } from './blocks';
import { blockOf, type Context, type MemoryState } from './context';
import type { LiveChats } from './live-chats';
import type { VlmSession } from './ports';
import { counted } from './stages';
import { type EarlierTurns, earlierTurns, type TurnPhotos } from './turns';

/** What is kept from one question to the next. */
export interface Kept {
  readonly blocks: Blocks;
  readonly live: LiveChats;
  readonly photos: TurnPhotos;
}

/** One cache for the question: memory, linked or kept, and which earlier turns belong behind it. */
export interface Gathered {
  readonly plan: Assembled;
  readonly linked: readonly LinkedBlock[];
  readonly earlier: EarlierTurns;
  readonly session: VlmSession; // the chat's, kept by `Kept.live`
  readonly reused: boolean;
}

export async function gather(
  context: Context,
  { blocks, live, photos }: Kept,
  state: MemoryState,
  hits: readonly Hit[],
  chat: Chat, // ends with the question
  segment: Segment, // the question as a turn
  signal: AbortSignal,
): Promise<Gathered> {
  const { vlm } = context.ports;
  const { maxTokens, prefixTokens } = vlm.info;
  const turnTokens = vlm.countTokens([segment]) + GREEDY.maxTokens + END_TOKENS;
  const room = { maxTokens, prefixTokens, turnTokens };
  const plan = assemble(hits, state.concepts, (source) => blockOf(state, source)?.tokens, room);
  const linked = await blocks.read(plan.sources, signal);
  const left = maxTokens - prefixTokens - turnTokens - tokensOf(linked);
  const earlier = await earlierTurns(chat, left, vlm, photos);
  const { id } = chat;
  const keys = linked.map(({ key }) => key);
  const known = live.find(id, keys);
  if (known !== undefined) return { plan, linked, earlier, session: known, reused: true };
  live.drop(id); // before another cache is made: both at once may not fit
  const session = await vlm.link(
    linked.map(({ block }) => block),
    signal,
  );
  live.keep(id, keys, session);
  return { plan, linked, earlier, session, reused: false };
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
