// Cues of a photo: retrieval says who and where, the model's look says what is seen there; both as claims, parsed like anybody's.

import { parseCue, withRelations, type Candidate, type Landmark, type PhotoCue } from '../core/cues';
import { boxOverlap, cropPixels, squareBox } from '../core/image';
import { best, boxOf, TASKS, type LookQuery } from '../core/look';
import type { PhotoMatch } from '../core/match';
import { findNames } from '../core/names';
import { isAt, isRelated, type Place, type Relation } from '../core/whereabouts';
import type { AskYesNo, Claim } from '../core/stages/reflect-cues';
import { isYes } from '../core/stages/reflect-cues';
import { GREEDY } from '../core/stages/decode';
import { turnSegment } from '../core/prompt';
import type { Box, Concept, Pixels } from '../core/types';
import { AROUND, knownCategory } from './looking';
import type { LookPort, VlmPort } from './ports';

/** Concepts under this probability are not worth a question. Chosen: in slc.json it leaves three candidates a photo. */
const CANDIDATE = 0.1;
const MOST_CANDIDATES = 6;

/** How sure the eyes must be of something that a place is told by. */
const SURE_LANDMARK = 0.6;
const MOST_LANDMARKS = 3;

/** Whom the question names, whom the photo may show: the candidates, with what retrieval and the look make of each. */
export async function cuesOf(
  question: string,
  concepts: readonly Concept[],
  matches: readonly PhotoMatch[],
  pixels: Pixels,
  look: LookPort | undefined,
  signal: AbortSignal,
): Promise<PhotoCue[]> {
  const named = new Set(findNames(question, concepts).map(({ conceptId }) => conceptId));
  const worth = matches
    .filter(({ conceptId, present, probability }) => present || named.has(conceptId) || probability >= CANDIDATE)
    .sort((a, b) => Number(named.has(b.conceptId)) - Number(named.has(a.conceptId)) || b.probability - a.probability)
    .slice(0, MOST_CANDIDATES);
  const cues: PhotoCue[] = [];
  for (const match of worth) {
    const concept = concepts.find(({ id }) => id === match.conceptId);
    if (concept === undefined) continue;
    const { present, place: box, probability: confidence } = match;
    const candidate = candidateOf(concept);
    const attributes = present && look ? await seenColours(look, pixels, box, candidate.category, signal) : [];
    cues.push(parseCue(candidate, { present, where: { box }, attributes, confidence }));
  }
  const boxes = cues.flatMap(({ where }) => where.box ?? []);
  const kinds = new Set(cues.flatMap(({ present, category }) => (present ? [category] : [])));
  const marks = kinds.size === 0 || look === undefined ? [] : await landmarks(look, pixels, boxes, signal);
  return withRelations(
    cues,
    marks.filter(({ kind }) => !kinds.has(kind)),
  );
}

function candidateOf({ id, name, card }: Concept): Candidate {
  const category = card?.category.trim().toLowerCase() ?? '';
  return { conceptId: id, name, category: category === '' ? 'thing' : category };
}

/** The colour of what stands under a box, where the eyes have a word for such a thing. */
async function seenColours(
  look: LookPort,
  pixels: Pixels,
  box: Box,
  category: string,
  signal: AbortSignal,
): Promise<string[]> {
  const number = numberOf(look, category);
  if (number === undefined) return [];
  const near = cropPixels(pixels, squareBox(box, pixels, AROUND));
  const [finding] = await look.at(near, [{ task: TASKS.colour, category: number, part: 0 }], signal);
  const [colour, probability] = best(finding?.colours ?? [], look.words.colours);
  return probability >= 0.5 ? [colour] : [];
}

/**
 * Other things on the photo. The eyes see a place for many a kind that is not there, so each is looked at by itself: only what is the same
 * kind from near is told of. On the development run of slc.json 0.37 of the relations told by a first look alone were true.
 */
async function landmarks(
  look: LookPort,
  pixels: Pixels,
  taken: readonly Box[],
  signal: AbortSignal,
): Promise<Landmark[]> {
  const { categories } = look.words;
  const queries = categories.map((_, i): LookQuery => ({ task: TASKS.where, category: i + 1, part: 0 }));
  const found = (await look.at(pixels, queries, signal))
    .map((finding, i) => ({ kind: categories[i] ?? '', box: boxOf(finding), present: finding.present }))
    .filter(({ present, box }) => present >= SURE_LANDMARK && taken.every((other) => boxOverlap(box, other) < 0.3))
    .sort((a, b) => b.present - a.present)
    .slice(0, MOST_LANDMARKS);
  const sure: Landmark[] = [];
  for (const { kind, box } of found) {
    if ((await kindAt(look, pixels, box, kind, signal)) >= 0.5) sure.push({ kind, box });
  }
  return sure;
}

/** How probable it is that what stands under a box is of a kind, looked at from near. */
async function kindAt(look: LookPort, pixels: Pixels, box: Box, kind: string, signal: AbortSignal): Promise<number> {
  const near = cropPixels(pixels, squareBox(box, pixels, AROUND / 2));
  const [finding] = await look.at(near, [{ task: TASKS.kind, category: 0, part: 0 }], signal);
  return finding?.kinds[look.words.categories.indexOf(kind)] ?? 0;
}

function numberOf({ words }: LookPort, category: string): number | undefined {
  const known = knownCategory(category, words.categories);
  return known === undefined ? undefined : words.categories.indexOf(known) + 1;
}

// ---------------------------------------------------------------- verifiers

/** The small model judges itself: by its eyes where it has some that answer in numbers, else by its words. */
export function askSelf(vlm: VlmPort, pixels: Pixels, signal: AbortSignal): AskYesNo {
  const { look } = vlm;
  return look === undefined
    ? (claim) => askByWords(vlm, pixels, claim, signal)
    : (claim) => askByLook(look, pixels, claim, signal);
}

/** The probability that a thing of the claim's kind is there, times that it is where the claim says. */
async function askByLook(
  look: LookPort,
  pixels: Pixels,
  claim: Claim,
  signal: AbortSignal,
): Promise<number | undefined> {
  const number = numberOf(look, claim.category);
  const other = claim.beside && numberOf(look, claim.beside.other);
  if (number === undefined) return undefined;
  if (claim.field === 'absolute' && claim.place === undefined) return undefined;
  if (claim.field === 'relative' && other === undefined) return undefined;
  const queries = [number, ...(other === undefined ? [] : [other])].map((category): LookQuery => ({
    task: TASKS.where,
    category,
    part: 0,
  }));
  const [thing, beside] = await look.at(pixels, queries, signal);
  if (thing === undefined) return undefined;
  if (claim.box !== undefined && claim.field !== 'relative') {
    // The place was named: the eyes look there, from near, and the surer of both looks counts.
    const kind = knownCategory(claim.category, look.words.categories) ?? '';
    const near = await kindAt(look, pixels, claim.box, kind, signal);
    const whole = claim.place === undefined ? thing.present : thing.present * isThere(boxOf(thing), claim.place);
    return Math.max(near, whole);
  }
  if (claim.place !== undefined && claim.field === 'absolute')
    return thing.present * isThere(boxOf(thing), claim.place);
  if (claim.beside !== undefined && beside !== undefined) {
    if (beside.present < 0.5) return undefined; // what it is told to lie beside is not seen: nothing follows for the thing itself
    return thing.present * beside.present * lies(boxOf(thing), boxOf(beside), claim.beside.relation);
  }
  return thing.present;
}

/** Eyes give one box and no doubt about it; nearer to a middle line than this (a fraction of the picture), they may be wrong. */
const BLUR = 0.05;

function isThere(box: Box, place: Place): number {
  if (place.across === 'middle') return isAt(box, place) ? 0.9 : 0.1;
  const [x, y] = [box.x + box.w / 2, box.y + box.h / 2];
  const across = place.across === undefined ? 1 : beyond(place.across === 'left' ? 0.5 - x : x - 0.5);
  const along = place.along === undefined ? 1 : beyond(place.along === 'top' ? 0.5 - y : y - 0.5);
  return across * along;
}

function beyond(distance: number): number {
  return 1 / (1 + Math.exp(-distance / BLUR));
}

function lies(thing: Box, other: Box, relation: Relation): number {
  return isRelated(thing, other, relation) ? 0.9 : 0.1;
}

async function askByWords(vlm: VlmPort, pixels: Pixels, claim: Claim, signal: AbortSignal): Promise<number> {
  const session = await vlm.link([], signal);
  try {
    const { logits } = await session.replace([turnSegment(claim.question, '', pixels)], signal);
    const { text } = await session.decode(logits, { ...GREEDY, maxTokens: 8 }, () => undefined, signal);
    signal.throwIfAborted(); // decode keeps half a word for a stopped answer; here it is none
    return isYes(text) ? 1 : 0;
  } finally {
    session.dispose();
  }
}
