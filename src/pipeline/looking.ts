// Looking: a question about looks is put to the model's eyes, on its own photo or on the one memory holds.

import type { PhotoCue } from '../core/cues';
import { squareBox, cropPixels } from '../core/image';
import {
  best,
  describeLook,
  looksFor,
  partQueries,
  queriesOf,
  sayLook,
  seenTogether,
  type LookFinding,
  type LookQuery,
  type LookQuestion,
} from '../core/look';
import { lookQuestion } from '../core/look-question';
import { findNames } from '../core/names';
import { asksForLooks, asksIdentity, asksOfPicture, withoutPicture } from '../core/question-kind';
import { ENROL_LIMITS } from '../core/stages/enrol';
import type { Retrieved } from '../core/stages/retrieve';
import type { Concept, ConceptId, Pixels } from '../core/types';
import { foldedWords, stem, wordsOf } from '../core/words';
import type { Context, MemoryState } from './context';
import type { LookPort } from './ports';
import type { Turn } from './turns';

/**
 * What is seen, as a sentence; undefined where the question is not about looks, a fact tells it, or the eyes are not sure: then the
 * language model answers. With a photo it is looked at whole; without one, the best remembered photo of the one concept asked about.
 * `checked`: cues that stood reflection. What they show of looks is believed over memory: colours may have changed.
 */
export async function look(
  context: Context,
  state: MemoryState,
  found: Retrieved,
  turn: Turn,
  signal: AbortSignal,
  checked: readonly PhotoCue[] = [],
): Promise<string | undefined> {
  const port = context.ports.vlm.look;
  const question = turn.asked.text;
  if (port === undefined) return undefined;
  if (turn.pixels === undefined && (turn.noMemory || !asksForLooks(question))) return undefined;
  const about = turn.noMemory ? undefined : namedIn(question, state, found);
  const asked = lookQuestion(
    withoutPicture(question),
    port.words,
    about && { said: about.said, category: knownCategory(about.concept.card?.category, port.words.categories) },
  );
  const cue = checked.find(({ conceptId, present }) => present && conceptId === about?.concept.id);
  const ofPicture = cue !== undefined || (checked.length > 0 && asksOfPicture(question));
  const told = (!ofPicture || asked?.kind !== 'colour') && asked && isTold(asked, state, found, port);
  if (asked === undefined || told || !mayLook(asked, question, state, found, turn)) return undefined;
  const pixels = turn.pixels ?? (await rememberedPhoto(context, state, about?.concept.id));
  if (pixels === undefined) return undefined;
  if (asked.kind === 'describe') return describe(port, pixels, signal);
  // Of several things the one that is asked about is looked at by itself.
  const box = asked.kind === 'colour' ? cue?.where.box : undefined;
  const nearer = box === undefined ? pixels : cropPixels(pixels, squareBox(box, pixels, AROUND));
  return sayLook(asked, await seeing(port, nearer, queriesOf(asked, port.words), signal), port.words);
}

/** Around a subject, as a share of it: the closest look still holds it whole. */
export const AROUND = 0.3;

const views = new WeakMap<Pixels, Pixels[]>(); // of a picture, nearest last

/** [Note: Closer looks] in core/look.ts. */
async function seeing(
  port: LookPort,
  picture: Pixels,
  queries: readonly LookQuery[],
  signal: AbortSignal,
): Promise<LookFinding[]> {
  const closer = views.get(picture) ?? [];
  views.set(picture, closer);
  const looks: LookFinding[][] = [];
  for (const [i, box] of looksFor(queries).entries()) {
    looks.push(await port.at((closer[i] ??= cropPixels(picture, box)), queries, signal));
  }
  return seenTogether(looks);
}

/** Kind and colours of the thing on a picture as a sentence; undefined where the kind is a guess. */
export async function describe(port: LookPort, picture: Pixels, signal: AbortSignal): Promise<string | undefined> {
  const { words } = port;
  const findings = await seeing(port, picture, queriesOf({ kind: 'describe' }, words), signal);
  const parts = partQueries(best(findings[0]?.kinds ?? [], words.categories)[0], words);
  const asked = parts.map(({ query }) => query);
  const seen = asked.length === 0 ? [] : await seeing(port, picture, asked, signal);
  const names = parts.map(({ part }) => part);
  return describeLook(findings, names, seen, words);
}

/** Whether a fact that is sure to answer speaks of what is asked: a colour, and of the part where one is named. */
function isTold(asked: LookQuestion, state: MemoryState, found: Retrieved, { words }: LookPort): boolean {
  const sure = state.facts.filter(({ id }) => found.sure.includes(id)).map(({ text }) => foldedWords(text));
  if (asked.kind !== 'colour') return sure.length > 0;
  const part = asked.part && new Set(foldedWords(asked.part.said).map(stem));
  return sure.some(
    (said) => said.some((word) => words.colours.includes(word)) && (!part || said.some((word) => part.has(stem(word)))),
  );
}

/** Who somebody is, only retrieval says; and without a new photo only colours are looked up in the remembered one. */
function mayLook(asked: LookQuestion, question: string, state: MemoryState, found: Retrieved, turn: Turn): boolean {
  if (turn.pixels === undefined) return asked.kind === 'colour';
  if (asked.kind !== 'kind' || turn.noMemory) return true;
  const known = found.cues.some((cue) => cue.present);
  return !known && !(state.concepts.length > 0 && asksIdentity(question));
}

/** The one concept that a question names, or that its photo shows. */
function namedIn(
  question: string,
  state: MemoryState,
  found: Retrieved,
): { concept: Concept; said: string } | undefined {
  const words = wordsOf(question);
  const names = findNames(question, state.concepts);
  const shown = found.cues.filter((cue) => cue.present).map((cue) => cue.conceptId);
  const ids = new Set(
    names.length > 0 ? names.map(({ conceptId }) => conceptId) : shown.length > 0 ? shown : hitIds(found),
  );
  const concept = ids.size === 1 ? state.concepts.find(({ id }) => ids.has(id)) : undefined;
  if (concept === undefined) return undefined;
  const own = names.find(({ conceptId }) => conceptId === concept.id)?.words.map((at) => words[at]?.raw ?? '');
  return { concept, said: own?.join(' ') ?? concept.name };
}

function hitIds(found: Retrieved): ConceptId[] {
  return found.hits.flatMap((hit) => (hit.kind === 'concept' ? [hit.conceptId] : []));
}

/** The kind on the card, where the eyes have a number for it: "toy car" also for "car". */
export function knownCategory(category: string | undefined, categories: readonly string[]): string | undefined {
  const own = category?.toLowerCase();
  if (own === undefined) return undefined;
  return categories.find((category) => category === own) ?? categories.find((category) => category.endsWith(` ${own}`));
}

/** The whole subject on the photo whose largest patch scores best, with a little around it, as enrolment looks at it. */
async function rememberedPhoto(
  context: Context,
  state: MemoryState,
  conceptId: ConceptId | undefined,
): Promise<Pixels | undefined> {
  const own = state.patches.filter((patch) => patch.conceptId === conceptId);
  const [whole] = own.sort((a, b) => b.box.w * b.box.h - a.box.w * a.box.h);
  const photo = state.photos.find(({ id }) => id === whole?.photoId);
  if (whole === undefined || photo === undefined) return undefined;
  const stored = await context.ports.memory.readPhoto(photo.id);
  if (stored === undefined) return undefined;
  const pixels = await context.ports.images.decode(stored.bytes, stored.photo.mime, ENROL_LIMITS.photoEdgePx);
  return cropPixels(pixels, squareBox(whole.box, photo, AROUND));
}

/** The kind of thing on a picture, when the eyes are sure of it. */
export async function seenCategory(
  context: Context,
  picture: Pixels,
  signal: AbortSignal,
): Promise<string | undefined> {
  const port = context.ports.vlm.look;
  if (port === undefined) return undefined;
  const [finding] = await seeing(port, picture, queriesOf({ kind: 'kind' }, port.words), signal);
  const [category, probability] = best(finding?.kinds ?? [], port.words.categories);
  return probability >= 0.5 ? category : undefined;
}
