// The card of a concept: asked of the VLM on the best photo, joined with measured colours; a user's edit is never overwritten.

import { measuredColours } from '../core/colour';
import { cropPixels, squareBox } from '../core/image';
import { CATEGORY, DESCRIBE, turnSegment } from '../core/prompt';
import { GREEDY } from '../core/stages/decode';
import { cardOfName, categoryOfWords, makeCard } from '../core/stages/encode';
import { ENROL_LIMITS } from '../core/stages/enrol';
import type { Box, Card, Concept, ConceptId, Photo, PhotoVectors, Pixels } from '../core/types';
import type { Context } from './context';
import { AROUND, describe, seenCategory } from './looking';

const CATEGORY_TOKENS = 12; // "It is a coffee mug." has seven
const CAPTION_TOKENS = 48; // about 25 words

/** Makes the card when there is none, or when there was no photo before. Two short model runs. */
export async function ensureCard(context: Context, conceptId: ConceptId, signal: AbortSignal): Promise<void> {
  const state = await context.state();
  const concept = state.concepts.find((other) => other.id === conceptId);
  if (concept === undefined || concept.card?.edited === true) return;
  const best = bestPhoto(
    (await context.vectors()).filter((vectors) => vectors.conceptId === conceptId),
    state.photos,
  );
  if (concept.card !== undefined && (concept.card.caption !== '' || best === undefined)) return;
  const facts = state.facts.filter((fact) => fact.conceptId === conceptId).map(({ text }) => text);
  const told = categoryOfWords(concept.name, concept.aliases, facts);
  const card = best === undefined ? cardOfName(concept.name, told) : await lookAt(context, concept, told, best, signal);
  const now = await context.ports.memory.readConcept(conceptId);
  if (now === undefined || now.card?.edited === true || card === undefined) return;
  await context.ports.memory.saveConcept({ ...now, card: { ...card, name: now.name } });
  context.changed();
}

interface BestPhoto {
  readonly photo: Photo;
  readonly vectors: PhotoVectors;
}

/** The photo that shows most of the subject: largest share of cells in it, but under 80 %, above which it is cut off. */
function bestPhoto(vectors: readonly PhotoVectors[], photos: readonly Photo[]): BestPhoto | undefined {
  let best: (BestPhoto & { score: number }) | undefined;
  for (const one of vectors) {
    const photo = photos.find((other) => other.id === one.photoId);
    if (photo === undefined) continue;
    const share = one.subject.reduce((sum, value) => sum + value, 0) / one.subject.length;
    const score = share > 0.8 ? 0.8 - share : share;
    if (best === undefined || score > best.score) best = { photo, vectors: one, score };
  }
  return best;
}

async function lookAt(
  context: Context,
  concept: Concept,
  told: string | undefined,
  { photo, vectors }: BestPhoto,
  signal: AbortSignal,
): Promise<Card | undefined> {
  const { memory, images } = context.ports;
  const stored = await memory.readPhoto(photo.id);
  if (stored === undefined) return undefined;
  const pixels = await images.decode(stored.bytes, stored.photo.mime, ENROL_LIMITS.photoEdgePx);
  const own = (await memory.listPatches(concept.id)).filter((patch) => patch.photoId === photo.id);
  const whole = own.map((patch) => patch.box).sort((a, b) => b.w * b.h - a.w * a.h)[0] ?? WHOLE; // details are parts of it
  const crop = cropPixels(pixels, squareBox(whole, photo, AROUND));
  const seen = await context.queue.run('background', () => seenCategory(context, crop, signal), signal);
  const category = seen ?? (await ask(context, CATEGORY, crop, CATEGORY_TOKENS, signal));
  const description =
    (await context.queue.run('background', () => described(context, crop, signal), signal)) ??
    (await ask(context, DESCRIBE, crop, CAPTION_TOKENS, signal));
  const { gridW, gridH } = vectors.features;
  const colours = measuredColours(pixels, vectors.subject, gridW, gridH);
  return makeCard(concept.name, { category, description }, colours, told);
}

/** By the model's eyes, where it has them and they are sure: they name colours and parts better than its words. */
async function described(context: Context, crop: Pixels, signal: AbortSignal): Promise<string | undefined> {
  const { look } = context.ports.vlm;
  return look === undefined ? undefined : describe(look, crop, signal);
}

const WHOLE: Box = { x: 0, y: 0, w: 1, h: 1 };

/** One question on one picture, with no memory linked. */
async function ask(
  context: Context,
  question: string,
  picture: Pixels,
  maxTokens: number,
  signal: AbortSignal,
): Promise<string> {
  const run = async (): Promise<string> => {
    const session = await context.ports.vlm.link([], signal);
    try {
      const logits = await session.prefill([turnSegment(question, '', picture)], signal);
      const said = await session.decode(logits, { ...GREEDY, maxTokens }, () => undefined, signal);
      return said.text;
    } finally {
      session.dispose();
    }
  };
  return context.queue.run('background', run, signal);
}
