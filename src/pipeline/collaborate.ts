// Small–large collaboration (SLC, arXiv 2508.07260): the small model's cues are checked on the image, by a large model or by itself, before
// anything is answered from them; a large model that was chosen, and allowed, then answers.

import type { AnswerEvent } from '../core/acts';
import type { PhotoCue } from '../core/cues';
import { AppError, isAbort, isAppError } from '../core/errors';
import type {
  CollaborationTrace,
  LargeReply,
  LargeSettings,
  Outgoing,
  OutgoingPicture,
  ReviewDecision,
} from '../core/large';
import { LARGE_RULES, possibleLines, promptText } from '../core/large-prompt';
import { claimsOf, isYes, reflectCues, type AskYesNo, type ReflectedCues } from '../core/stages/reflect-cues';
import type { Retrieved } from '../core/stages/retrieve';
import type { ChatPhoto, PhotoId, Pixels } from '../core/types';
import type { Consent, Sender } from './consent';
import { asAppError, type Context, type MemoryState } from './context';
import { askSelf } from './cueing';
import type { LargeModel } from './large-model';
import { notesOf, recentTurns, type Note } from './large-notes';
import { isAborted } from './queue';
import { counted, type StageRunner } from './stages';
import type { Turn } from './turns';

/** Longest edge of a picture that is sent: what current models look at in one or a few tiles. */
const SENT_EDGE_PX = 768;
const MOST_ENROLLED = 6;
const ANSWER_TOKENS = 300;
const YES_NO_TOKENS = 8;

/** A question with what retrieval found, and the cues of its photo: empty without one. */
export interface Prepared {
  readonly state: MemoryState;
  readonly found: Retrieved;
  readonly cues: readonly PhotoCue[];
  /** Retrieval again, with the photo showing exactly those who are present in `cues`. */
  readonly again: (cues: readonly PhotoCue[]) => Promise<Retrieved>;
}

export interface Checked {
  readonly found: Retrieved;
  readonly cues: readonly PhotoCue[];
  readonly trace: CollaborationTrace;
}

export interface LargeAnswer extends Checked {
  readonly text: string;
  readonly notes: readonly Note[];
  readonly firstTokenAt: number; // performance.now() clock, less the time a person took to decide
  readonly stopped: boolean;
}

/** The small model checks its own cues. */
export async function checkBySelf(
  { ports: { vlm } }: Context,
  prepared: Prepared,
  pixels: Pixels,
  settings: LargeSettings,
  signal: AbortSignal,
): Promise<Checked> {
  const startedAt = performance.now();
  const { cues, fates, calls } = await reflectTimed(prepared.cues, askSelf(vlm, pixels, signal), settings);
  const trace: CollaborationTrace = {
    ...NOTHING_SENT,
    by: 'small',
    model: vlm.info.id,
    cues: prepared.cues,
    fates,
    calls,
    ms: performance.now() - startedAt,
  };
  return { found: await prepared.again(cues), cues, trace };
}

/** A model of this app's own: nothing goes anywhere, so there is nothing to decide. */
const NOBODY_ASKED: ReviewDecision = { send: true, rememberChat: true, enrolled: [] };

const NOTHING_SENT = {
  to: undefined,
  tokensIn: 0,
  tokensOut: 0,
  counted: true,
  answered: false,
  fault: undefined,
} as const;

export interface Asking {
  readonly context: Context;
  readonly consent: Consent;
  readonly settings: LargeSettings;
  readonly turn: Turn;
  readonly stages: StageRunner;
  readonly onEvent: (event: AnswerEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * The large model's answer, or why there is none, as a trace with a `fault`: then the small model answers. Only an abort before the answer's
 * first word is thrown; a later one keeps what was said.
 */
export async function askLarge(
  asking: Asking,
  prepared: Prepared,
  open: () => Promise<LargeModel | undefined>,
): Promise<LargeAnswer | CollaborationTrace> {
  let startedAt = performance.now();
  let waitedMs = 0; // for the person's decision, which is no cost of the model's
  const tally: Tally = { calls: 0, tokensIn: 0, tokensOut: 0, counted: true };
  let model: LargeModel | undefined;
  let checked: ReflectedCues | undefined;
  let sender: Sender | undefined;
  let said = '';
  let firstTokenAt = 0;
  const trace = (fault: string | undefined): CollaborationTrace => ({
    ...NOTHING_SENT,
    ...tally,
    by: 'large',
    model: model?.model ?? '',
    to: model?.isOurs === true ? undefined : model?.to,
    cues: prepared.cues,
    fates: checked?.fates ?? [],
    ms: performance.now() - startedAt,
    answered: fault === undefined,
    fault,
  });
  const { signal, turn, stages, onEvent, settings } = asking;
  try {
    model = await open();
    if (model === undefined) throw new AppError('large-model', 'No larger model is chosen.');
    const parcel = await packParcel(asking, prepared, model);
    const shownAt = performance.now();
    const decision = model.isOurs ? NOBODY_ASKED : await asking.consent.review(parcel.outgoing, onEvent, signal);
    waitedMs = performance.now() - shownAt;
    startedAt += waitedMs;
    if (!decision.send) return trace('You chose not to send this question.');
    const pictures = [...parcel.pictures, ...parcel.enrolled.filter((one) => isTicked(one, decision.enrolled))];
    const sending = asking.consent.sender(model, parcel.outgoing, {
      pictures: pictures.map(({ picture }) => picture),
      lines: parcel.lines,
    });
    sender = sending;
    const send = async (...request: Parameters<Sender['send']>): Promise<LargeReply> => {
      const reply = await sending.send(...request);
      tally.calls++;
      tally.tokensIn += reply.tokensIn;
      tally.tokensOut += reply.tokensOut;
      tally.counted &&= reply.counted;
      return reply;
    };
    const [photo] = parcel.pictures;
    const verdicts = await stages.run(
      'reflect',
      () => reflectTimed(prepared.cues, askOver(send, photo?.picture, signal), settings),
      reflectedNote,
    );
    checked = verdicts;
    const found = await prepared.again(verdicts.cues);
    const question = { notes: parcel.notes.map(({ line }) => line), cues: verdicts.cues, question: turn.asked.text };
    const labels = pictures.filter(({ photoId }) => photoId !== undefined).map(labelLine);
    const reply = await stages.run(
      'decode',
      () =>
        send(
          {
            messages: [
              { role: 'system', text: LARGE_RULES, pictures: [] },
              ...parcel.turns.map(({ role, text }) => ({ role, text, pictures: [] })),
              {
                role: 'user',
                text: [...labels, promptText(question)].join('\n'),
                pictures: pictures.map(({ picture }) => picture),
              },
            ],
            maxTokens: ANSWER_TOKENS,
            yesNo: false,
          },
          (text) => {
            if (said === '') firstTokenAt = performance.now() - waitedMs;
            said = text;
            onEvent({ kind: 'text', text });
          },
          signal,
        ),
      ({ tokensOut, counted: exact }) =>
        `${exact ? '' : 'about '}${counted(tokensOut, 'token')} by ${model?.model ?? ''}`,
    );
    await sending.close('answered');
    const text = reply.text.trim();
    if (text === '') throw new AppError('large-model', `${model.model} answered with nothing.`);
    const notes = parcel.notes;
    return { text, notes, found, cues: verdicts.cues, firstTokenAt, stopped: false, trace: trace(undefined) };
  } catch (error) {
    if (isAppError(error) && error.code === 'wants-room') throw error; // the page makes room and asks again
    const aborted = isAbort(error) || isAborted(signal);
    const { message } = asAppError(error);
    await sender?.close(aborted ? 'stopped' : message);
    if (!aborted) return trace(message);
    if (said === '') throw error;
    const cues = checked?.cues ?? prepared.cues;
    return { text: said, notes: [], found: prepared.found, cues, firstTokenAt, stopped: true, trace: trace(undefined) };
  }
}

/** As reflectCues, with what asking each claim took: fates come in the order of the asking. */
async function reflectTimed(...[cues, ask, options]: Parameters<typeof reflectCues>): Promise<ReflectedCues> {
  const took: number[] = [];
  const timed: AskYesNo = async (claim) => {
    const startedAt = performance.now();
    const yes = await ask(claim);
    took.push(performance.now() - startedAt);
    return yes;
  };
  const reflected = await reflectCues(cues, timed, options);
  return { ...reflected, fates: reflected.fates.map((fate, i) => ({ ...fate, ms: took[i] })) };
}

/** Why no larger model is asked: somebody has tried already. */
export function notAsked(cues: readonly PhotoCue[], fault: string): CollaborationTrace {
  return { ...NOTHING_SENT, by: 'large', model: '', cues, fates: [], calls: 0, ms: 0, fault };
}

export function isLargeAnswer(result: LargeAnswer | CollaborationTrace): result is LargeAnswer {
  return 'text' in result;
}

export function reflectedNote({ cues, calls }: Pick<ReflectedCues, 'cues' | 'calls'>): string {
  const present = cues.filter((cue) => cue.present).length;
  return cues.length === 0
    ? 'nothing to check'
    : `${counted(calls, 'claim')} checked, ${present} of ${cues.length} stand`;
}

interface Tally {
  calls: number;
  tokensIn: number;
  tokensOut: number;
  counted: boolean;
}

interface Parcel {
  readonly outgoing: Outgoing;
  readonly pictures: readonly OutgoingPicture[]; // the question's own
  readonly enrolled: readonly OutgoingPicture[]; // may be ticked
  readonly notes: readonly Note[];
  readonly turns: Outgoing['turns'];
  readonly lines: ReadonlySet<string>;
}

/** All that the question may send, before anybody is asked. Notes are of whom the photo may show before the check: it can only become less. */
async function packParcel(asking: Asking, { state, found, cues, again }: Prepared, model: LargeModel): Promise<Parcel> {
  const { turn, settings, context } = asking;
  const hoped = settings.reaskAbsent ? await again(cues.map((cue) => ({ ...cue, present: true }))) : found;
  const notes = notesOf(state, hoped);
  const photo = turn.pixels && (await encodeSmall(context, turn.pixels));
  const pictures = photo === undefined ? [] : [{ label: 'Your photo', photoId: undefined, picture: photo }];
  const enrolled = model.isOurs ? [] : await enrolledOf(context, state, hoped);
  const turns = recentTurns(turn.asked.chat);
  const question = { notes: notes.map(({ line }) => line), cues, question: turn.asked.text };
  const checks = photo === undefined ? [] : claimsOf(cues, settings).map((claim) => claim.question);
  const lines = new Set([
    ...[...possibleLines(question)].flatMap((line) => line.split('\n')),
    ...turns.flatMap(({ text }) => text.split('\n')),
    ...enrolled.map(labelLine),
    ...checks,
    LARGE_RULES,
  ]);
  const outgoing: Outgoing = {
    id: crypto.randomUUID(),
    chatId: turn.asked.chat.id,
    to: model.to,
    leaves: model.leaves,
    model: model.model,
    picture: pictures[0],
    enrolled,
    checks,
    system: LARGE_RULES,
    turns,
    prompt: promptText(question),
  };
  return { outgoing, pictures, enrolled, notes, turns, lines };
}

/** Of whom the question is about, the photos memory holds: offered, never sent unless ticked. */
async function enrolledOf(context: Context, state: MemoryState, found: Retrieved): Promise<OutgoingPicture[]> {
  const ids = new Set(found.hits.flatMap((hit) => (hit.kind === 'concept' ? [hit.conceptId] : [])));
  const photos = state.photos.filter(({ conceptId }) => ids.has(conceptId)).slice(0, MOST_ENROLLED);
  const offered: OutgoingPicture[] = [];
  for (const { id, conceptId } of photos) {
    const stored = await context.ports.memory.readPhoto(id);
    if (stored === undefined) continue;
    const pixels = await context.ports.images.decode(stored.bytes, stored.photo.mime, SENT_EDGE_PX);
    const label = state.concepts.find((concept) => concept.id === conceptId)?.name ?? '';
    offered.push({ label, photoId: id, picture: await context.ports.images.encode(pixels) });
  }
  return offered;
}

function labelLine({ label }: OutgoingPicture): string {
  return `A remembered picture of ${label} is added.`;
}

function isTicked({ photoId }: OutgoingPicture, ticked: readonly PhotoId[]): boolean {
  return photoId !== undefined && ticked.includes(photoId);
}

/** Encoded anew from pixels: whatever the file said of place, time and camera is gone. */
async function encodeSmall({ ports: { images } }: Context, pixels: Pixels): Promise<ChatPhoto> {
  const stored = await images.encode(pixels);
  if (Math.max(pixels.widthPx, pixels.heightPx) <= SENT_EDGE_PX) return stored;
  return images.encode(await images.decode(stored.bytes, stored.mime, SENT_EDGE_PX));
}

function askOver(send: Sender['send'], photo: ChatPhoto | undefined, signal: AbortSignal): AskYesNo {
  return async ({ question }) => {
    if (photo === undefined) return undefined;
    const { text, yes } = await send(
      {
        messages: [{ role: 'user', text: question, pictures: [photo] }],
        maxTokens: YES_NO_TOKENS,
        yesNo: true,
      },
      () => undefined,
      signal,
    );
    return yes ?? (isYes(text) ? 1 : 0);
  };
}
