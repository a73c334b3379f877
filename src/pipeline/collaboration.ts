// The part of an answer that knows of larger models: which is chosen, what it made of the question, and the message that comes of it.

import { whomNamed } from '../core/names';
import type { AnswerEvent } from '../core/acts';
import type { PhotoCue } from '../core/cues';
import type { CollaborationTrace, LargeSettings } from '../core/large';
import { isUnknown } from '../core/stages/reflect';
import { retrieve, RETRIEVE_DEFAULTS } from '../core/stages/retrieve';
import type { ConceptId, Cue, Message, MessageId, Trace } from '../core/types';
import {
  askLarge,
  checkBySelf,
  isLargeAnswer,
  notAsked,
  reflectedNote,
  type Checked,
  type LargeAnswer,
  type Prepared,
} from './collaborate';
import type { Consent } from './consent';
import type { Context } from './context';
import { cuesOf } from './cueing';
import type { LargeChoice } from './large-settings';
import type { VlmPort } from './ports';
import { recognise } from './recognise';
import { sourcesOf } from './sources';
import type { StageRunner } from './stages';
import type { Turn } from './turns';

export interface Collaboration {
  readonly choice: LargeChoice;
  readonly consent: Consent;
}

export interface Helped {
  readonly context: Context;
  readonly collaboration: Collaboration;
  readonly settings: LargeSettings;
  readonly stages: StageRunner;
  readonly turn: Turn;
  readonly onEvent: (event: AnswerEvent) => void;
  readonly signal: AbortSignal;
}

/** Whether anything here has a part in the question. Without memory it has none: that is what the bare small model says. */
export function helps({ ports: { vlm } }: Context, { answerWith, checkPhotos }: LargeSettings, turn: Turn): boolean {
  if (turn.noMemory) return false;
  return answerWith !== 'device' || (checkPhotos && turn.pixels !== undefined && canCheck(vlm));
}

/** Whether the small model is a verifier at all: by its eyes, or by words that are known to be good enough. */
function canCheck({ look, info }: VlmPort): boolean {
  return look !== undefined || info.checksInWords;
}

/** Retrieval, and cues of the photo: a question without one skips the small model's look, as in the paper. */
export async function prepare({ context, stages, turn, signal }: Helped): Promise<Prepared> {
  const { encoder, vlm } = context.ports;
  const { pixels, asked, before, probe } = turn;
  const state = await context.state();
  return stages.run(
    'retrieve',
    async () => {
      const asks = whomNamed(asked.text, state.concepts);
      const matches =
        pixels &&
        (await recognise(encoder, await context.calibration(), pixels, await context.library(), signal, asks));
      const search = (present: ReadonlyMap<ConceptId, PhotoCue> | undefined) =>
        retrieve(
          asked.text,
          state,
          matches?.map((match) => {
            const cue = present?.get(match.conceptId);
            return cue === undefined ? match : { ...match, present: cue.present, place: cue.where.box ?? match.place };
          }),
          before.about,
          { ...RETRIEVE_DEFAULTS, ...probe?.retrieve },
          before.exchange?.question,
          signal,
        );
      const cues = pixels && matches ? await cuesOf(asked.text, state.concepts, matches, pixels, vlm.look, signal) : [];
      const again = (judged: readonly PhotoCue[]) => search(new Map(judged.map((cue) => [cue.conceptId, cue])));
      return { state, found: await search(undefined), cues, again };
    },
    ({ found }) => found.note,
  );
}

/** The large model's message, or why the small one must answer; undefined where none is chosen. Asked outside the model queue: it may take long. */
export async function byLarge(helped: Helped, prepared: Prepared): Promise<Message | CollaborationTrace | undefined> {
  if (helped.settings.answerWith === 'device') return undefined;
  const { collaboration, turn } = helped;
  if (turn.withoutLarger !== undefined) return notAsked(prepared.cues, turn.withoutLarger);
  const result = await askLarge({ ...helped, consent: collaboration.consent }, prepared, () =>
    collaboration.choice.open(),
  );
  return isLargeAnswer(result) ? largeMessage(helped, prepared, result) : result;
}

/** The small model's check of its own cues, as stage reflect. */
export async function bySelf(helped: Helped, prepared: Prepared): Promise<Checked | undefined> {
  const { context, settings, stages, turn, signal } = helped;
  const { pixels } = turn;
  if (pixels === undefined || !settings.checkPhotos || !canCheck(context.ports.vlm)) return undefined;
  return stages.run(
    'reflect',
    () => checkBySelf(context, prepared, pixels, settings, signal),
    ({ cues, trace }) => reflectedNote({ cues, calls: trace.calls }),
  );
}

/** The cues of an answer as the page draws them. */
export function shownCues(cues: readonly PhotoCue[]): (Cue & { readonly name: string })[] {
  return cues.map(({ conceptId, name, present, where, confidence }) => ({
    conceptId,
    name,
    present,
    place: where.box,
    probability: confidence,
  }));
}

function largeMessage({ stages, turn }: Helped, { state }: Prepared, answer: LargeAnswer): Message {
  const { text, found, cues, notes, firstTokenAt, stopped } = answer;
  const unknown = isUnknown(text);
  const trace: Trace = {
    stages: stages.times,
    model: answer.trace.model,
    backend: undefined,
    concepts: found.hits.flatMap((hit) => (hit.kind === 'concept' ? [hit.conceptId] : [])),
    tokensLinked: 0,
    tokensPrefilled: 0,
    tokensDecoded: answer.trace.tokensOut,
    ttftMs: firstTokenAt - turn.askedAt,
    draft: text,
    verdict: unknown ? { kind: 'unknown' } : { kind: 'large' },
    collaboration: answer.trace,
  };
  const sources = notes.map(({ source }) => source);
  return {
    id: crypto.randomUUID() as MessageId,
    role: 'assistant',
    text,
    sources: unknown ? [] : sourcesOf(state, sources, [], found),
    cues: shownCues(cues),
    nearest: undefined,
    trace,
    stopped,
    createdAt: Date.now(),
  };
}
