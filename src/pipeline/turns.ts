// Turns of a chat as segments: the question, and the earlier ones for models that read several turns behind memory.

import type { Probe } from '../core/acts';
import { answerSegment, cueSentence, turnSegment } from '../core/prompt';
import { ENROL_LIMITS } from '../core/stages/enrol';
import { turnsToDrop } from '../core/stages/assemble';
import type { Retrieved } from '../core/stages/retrieve';
import type { Chat, Message, MessageId, Pixels, Segment } from '../core/types';
import type { Asked, Before } from './chats';
import type { Context, MemoryState } from './context';
import type { ImagePort, VlmPort } from './ports';

export interface Turn {
  readonly asked: Asked;
  readonly before: Before;
  readonly pixels: Pixels | undefined;
  readonly noMemory: boolean;
  readonly probe: Probe | undefined;
  readonly withoutLarger: string | undefined; // why no larger model is asked
  readonly askedAt: number; // performance.now() clock
}

/** The question as a turn: with what its photo shows, and with the exchange it leans on where the model does not read it anyway. */
export function segmentOf(
  { ports }: Context,
  state: MemoryState,
  found: Retrieved,
  turn: Turn,
  question = turn.asked.text,
): Segment {
  const leansOn = found.leans && turn.pixels === undefined && !ports.vlm.info.readsTurns;
  return turnSegment(question, cueOf(state, found, turn), turn.pixels, leansOn ? turn.before.exchange : undefined);
}

/** What the turn says of its photo: who is in it. Nothing without a photo, and nothing when memory is off. */
function cueOf(state: MemoryState, found: Retrieved, turn: Turn): string {
  if (turn.pixels === undefined || turn.noMemory) return '';
  const present = new Set(found.cues.filter((cue) => cue.present).map((cue) => cue.conceptId));
  return cueSentence(state.concepts.filter((concept) => present.has(concept.id)).map((concept) => concept.name));
}

export interface EarlierTurns {
  readonly segments: readonly Segment[]; // question, answer, question, answer …
  readonly read: number; // turns
  readonly dropped: number; // turns that do not fit
}

const NONE: EarlierTurns = { segments: [], read: 0, dropped: 0 };

type AskedMessage = Message & { role: 'user' };
type Answered = Message & { role: 'assistant' };

/**
 * The turns before the question that `chat` ends with, as many of the newest as fit `budget` tokens. They are written as they were
 * asked, so that what stands in a live cache is found there again.
 */
export async function earlierTurns(
  chat: Chat,
  budget: number,
  vlm: VlmPort,
  photos: TurnPhotos,
): Promise<EarlierTurns> {
  if (!vlm.info.readsTurns) return NONE;
  const pairs = pairsOf(chat.messages.slice(0, -1));
  const turns: Segment[][] = [];
  for (const [asked, answered] of pairs) {
    const names = answered.cues.filter((cue) => cue.present).map((cue) => cue.name);
    const pixels = await photos.read(asked);
    const cue = pixels === undefined ? '' : cueSentence(names);
    turns.push([turnSegment(asked.text, cue, pixels), answerSegment(answered.text)]);
  }
  const dropped = turnsToDrop(
    turns.map((turn) => vlm.countTokens(turn)),
    budget,
  );
  const kept = turns.slice(dropped);
  return { segments: kept.flat(), read: kept.length, dropped };
}

/** Questions with their answers; one that was never answered is no turn. */
function pairsOf(messages: readonly Message[]): [AskedMessage, Answered][] {
  return messages.flatMap((message, i) => {
    const next = messages[i + 1];
    return message.role === 'user' && next?.role === 'assistant' ? [[message, next] as [AskedMessage, Answered]] : [];
  });
}

/** Photos of questions as they were first read: a photo that went through a file again would be another to the cache. */
export interface TurnPhotos {
  note(id: MessageId, pixels: Pixels): void;
  read(question: AskedMessage): Promise<Pixels | undefined>;
}

/** A photo is at most 4 MB of pixels; a chat with more of them reads the older ones from their files. */
const MAX_HELD = 4;

export function createTurnPhotos(images: ImagePort): TurnPhotos {
  const held = new Map<MessageId, Pixels>(); // oldest first
  function note(id: MessageId, pixels: Pixels): void {
    held.delete(id);
    held.set(id, pixels);
    for (const oldest of held.keys()) {
      if (held.size <= MAX_HELD) break;
      held.delete(oldest);
    }
  }
  return {
    note,
    async read({ id, photo }) {
      if (photo === undefined) return undefined;
      const pixels = held.get(id) ?? (await images.decode(photo.bytes, photo.mime, ENROL_LIMITS.photoEdgePx));
      note(id, pixels);
      return pixels;
    },
  };
}
