// Stage mine over ports: features of one photo, then the patches of all photos of its concept together.

import { hashParts } from '../core/hash';
import { boxOverlap } from '../core/image';
import { ENROL_LIMITS } from '../core/stages/enrol';
import { minePhotos, type Mined } from '../core/stages/mine';
import { nearestSiblings, objectness, siblingPhotos } from '../core/stages/mine-signals';
import type { ConceptId, Patch, PatchId, PhotoId, PhotoVectors } from '../core/types';
import type { Context } from './context';

/** Encodes a photo once per encoder; a photo whose vectors are there is not encoded again. */
export async function ensureFeatures(context: Context, photoId: PhotoId, signal: AbortSignal): Promise<void> {
  const { memory, images, encoder } = context.ports;
  if ((await context.vectors([photoId])).length > 0) return;
  const stored = await memory.readPhoto(photoId);
  if (stored === undefined) return;
  const pixels = await images.decode(stored.bytes, stored.photo.mime, ENROL_LIMITS.photoEdgePx);
  const features = await context.queue.run('background', () => encoder.encode(pixels, signal), signal);
  const subject = objectness(features);
  await context.saveVectors({
    photoId,
    conceptId: stored.photo.conceptId,
    encoder: encoder.info.fingerprint,
    features,
    scoreMap: subject.slice(), // until the concept's photos are mined together
    subject,
  });
}

/** Mines a concept's photos together; a new photo sharpens the others without running the encoder on them again. */
export async function mineConcept(context: Context, conceptId: ConceptId): Promise<void> {
  const { memory, encoder } = context.ports;
  const vectors = await context.vectors();
  const own = vectors.filter((other) => other.conceptId === conceptId);
  if (own.length === 0) return;
  const dim = own[0]?.features.dim ?? 0;
  const bank = encoder.background.dim === dim ? encoder.background : { rows: 0, dim, data: new Float32Array(0) };
  const photos = own.map((photo) => photo.features);
  const siblings = nearestSiblings(
    photos,
    vectors.filter((other) => other.conceptId !== conceptId),
  );
  const mined = minePhotos(photos, bank, siblings);
  const known = await memory.listPatches(conceptId);
  for (const [index, photo] of own.entries()) {
    const result = mined[index];
    if (result === undefined) continue;
    await context.saveVectors({ ...photo, scoreMap: result.scoreMap, subject: result.subject });
    const old = known.filter((patch) => patch.photoId === photo.photoId);
    const chosen = await userChose(context, photo.photoId, old);
    if (!chosen) await replaceMined(context, photo, old, result);
  }
  minedIn(context).set(conceptId, minedWith(vectors, conceptId));
  context.changed();
}

/**
 * Mines again every concept whose own photos or nearest siblings are others than when it was mined: a new photo, a new twin, a removed
 * one. Nothing is encoded. Returns those concepts: their patches may want blocks. 96 ms of processor time a concept of three photos.
 */
export async function mineAgain(context: Context, signal: AbortSignal): Promise<ConceptId[]> {
  const vectors = await context.vectors();
  const mined: ConceptId[] = [];
  for (const conceptId of new Set(vectors.map((other) => other.conceptId))) {
    signal.throwIfAborted();
    if (minedIn(context).get(conceptId) === minedWith(vectors, conceptId)) continue;
    await mineConcept(context, conceptId);
    mined.push(conceptId);
  }
  return mined;
}

/** What concepts were mined with. Not kept on disk: a forgotten concept leaves nothing there, and mining again is cheap. */
const minedOf = new WeakMap<Context, Map<ConceptId, string>>();

function minedIn(context: Context): Map<ConceptId, string> {
  const known = minedOf.get(context) ?? new Map<ConceptId, string>();
  minedOf.set(context, known);
  return known;
}

function minedWith(vectors: readonly PhotoVectors[], conceptId: ConceptId): string {
  const own = vectors.filter((other) => other.conceptId === conceptId);
  const siblings = siblingPhotos(
    own.map(({ features }) => features),
    vectors.filter((other) => other.conceptId !== conceptId),
  );
  return hashParts(
    [own, siblings].map((list) =>
      list
        .map(({ photoId }) => photoId)
        .sort()
        .join(' '),
    ),
  );
}

/** Patches the user drew, or removed to the last one, win over the miner. */
async function userChose(context: Context, photoId: PhotoId, old: readonly Patch[]): Promise<boolean> {
  if (old.some((patch) => patch.by === 'user')) return true;
  return old.length === 0 && (await context.ports.memory.readSetting(noPatchesKey(photoId))) === true;
}

/** Setting that says the user removed every patch of a photo. */
export function noPatchesKey(photoId: PhotoId): string {
  return `noPatches/${photoId}`;
}

// Boxes that overlap this much look the same to a person, and their block need not be encoded again.
const SAME_PATCH = 0.7;

async function replaceMined(
  context: Context,
  photo: PhotoVectors,
  old: readonly Patch[],
  { patches }: Mined,
): Promise<void> {
  const free = [...old];
  const next = patches.map(({ box, score }): Patch => {
    const at = free.findIndex((patch) => boxOverlap(patch.box, box) >= SAME_PATCH);
    const [same] = at < 0 ? [] : free.splice(at, 1);
    if (same !== undefined) return { ...same, score };
    const id = crypto.randomUUID() as PatchId;
    return { id, conceptId: photo.conceptId, photoId: photo.photoId, box, score, by: 'miner' };
  });
  await context.ports.memory.replacePatches(photo.photoId, next);
}
