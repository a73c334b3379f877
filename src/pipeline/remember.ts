// Remember: enrol → mine → encode → store. Photos are accepted as jobs; each step is saved, so a reload goes on from there.

import type { NewPhoto } from '../core/acts';
import { AppError, isAbort, isAppError } from '../core/errors';
import { checkPhotoFile, ENROL_LIMITS, pixelHash } from '../core/stages/enrol';
import { DERIVED_SHARE, planEviction } from '../core/stages/store';
import type { ConceptId, Photo, PhotoId, PhotoJob } from '../core/types';
import { planOf, type Blocks } from './blocks';
import { ensureCard } from './card';
import { asAppError, isFatal, type Context } from './context';
import type { Rejected } from './engine';
import { ensureFeatures, mineAgain, mineConcept } from './mining';
import { isAborted, reasonOf } from './queue';

/** A photo that passed enrol, not saved yet. */
export interface AcceptedPhoto {
  readonly photo: Photo;
  readonly bytes: ArrayBuffer;
  readonly job: PhotoJob;
}

/**
 * Stage enrol for photos: decodes upright and small, finds duplicates, strips EXIF by encoding anew. A file that fails is
 * rejected with its sentence; the others go on.
 */
export async function acceptPhotos(
  context: Context,
  conceptId: ConceptId,
  files: readonly NewPhoto[],
): Promise<{ accepted: AcceptedPhoto[]; rejected: Rejected[] }> {
  const { images, memory } = context.ports;
  if (files.length > ENROL_LIMITS.photosPerAct) {
    throw new AppError('too-large', `Add at most ${ENROL_LIMITS.photosPerAct} photos at a time.`);
  }
  const hashes = new Set((await memory.listPhotos(conceptId)).map((photo) => photo.pixelHash));
  const accepted: AcceptedPhoto[] = [];
  const rejected: Rejected[] = [];
  for (const file of files) {
    try {
      checkPhotoFile(file.fileName, file.bytes.byteLength);
      const pixels = await images.decode(file.bytes, file.mime, ENROL_LIMITS.photoEdgePx);
      const hash = pixelHash(pixels);
      if (hashes.has(hash)) throw new AppError('duplicate', 'This photo is already here.');
      hashes.add(hash);
      const { bytes, mime } = await images.encode(pixels);
      const id = crypto.randomUUID() as PhotoId;
      const now = Date.now();
      const { widthPx, heightPx } = pixels;
      accepted.push({
        photo: {
          id,
          conceptId,
          widthPx,
          heightPx,
          mime,
          bytes: bytes.byteLength,
          pixelHash: hash,
          createdAt: now + accepted.length, // keeps the order in which they were dropped
        },
        bytes,
        job: waitingJob(id, conceptId, file.fileName),
      });
    } catch (error) {
      if (!isAppError(error)) throw error;
      rejected.push({ fileName: file.fileName, message: error.message });
    }
  }
  return { accepted, rejected };
}

export function waitingJob(photoId: PhotoId, conceptId: ConceptId, fileName: string): PhotoJob {
  return { photoId, conceptId, fileName, stage: 'mine', status: 'waiting', error: undefined, updatedAt: Date.now() };
}

export interface Remembering {
  /**
   * All there is to do for one concept: waiting photos, card, blocks. Safe to run again at any time. Returns other concepts that
   * were mined again because of it, whose blocks are to be checked.
   */
  work(conceptId: ConceptId, signal: AbortSignal): Promise<ConceptId[]>;
  cancel(photoId: PhotoId): Promise<void>;
  retry(photoId: PhotoId): Promise<PhotoJob | undefined>;
}

export function createRemembering(context: Context, blocks: Blocks): Remembering {
  const { memory } = context.ports;
  const running = new Map<PhotoId, AbortController>();

  async function setJob(photoId: PhotoId, change: Partial<PhotoJob>): Promise<PhotoJob | undefined> {
    const job = (await memory.listJobs()).find((other) => other.photoId === photoId);
    if (job === undefined) return undefined; // deleted meanwhile
    const next = { ...job, ...change, updatedAt: Date.now() };
    await memory.saveJobs([next]);
    context.changed();
    return next;
  }

  /** Runs one step of a photo's job. False when it was cancelled or failed; throws only when the models are gone. */
  async function step(
    photoId: PhotoId,
    stage: PhotoJob['stage'],
    all: AbortSignal,
    task: (signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    const signal = running.get(photoId)?.signal;
    if (signal === undefined || signal.aborted) return false;
    if ((await setJob(photoId, { stage, status: 'running', error: undefined })) === undefined) return false;
    try {
      signal.throwIfAborted(); // cancelled while the job was being saved
      await task(AbortSignal.any([signal, all]));
      signal.throwIfAborted();
      return true;
    } catch (error) {
      if (all.aborted) throw reasonOf(all);
      if (isAborted(signal) || isAbort(error)) {
        await setJob(photoId, { status: 'cancelled' });
        return false;
      }
      // An encoder of the hub that cannot run is replaced by the embedded one, for which the photo waits.
      if (isAppError(error) && error.code === 'encoder-load') await setJob(photoId, { status: 'waiting' });
      else await setJob(photoId, { status: 'failed', error: asAppError(error).message });
      if (isFatal(error)) throw error;
      return false;
    }
  }

  async function workOnPhotos(conceptId: ConceptId, jobs: readonly PhotoJob[], all: AbortSignal): Promise<void> {
    const queued = <T>(task: () => Promise<T>): Promise<T> => context.queue.run('background', task, all);
    const ids = jobs.map((job) => job.photoId);
    for (const id of ids) running.set(id, new AbortController());
    try {
      let ready: PhotoId[] = [];
      for (const id of ids) {
        if (await step(id, 'mine', all, (signal) => ensureFeatures(context, id, signal))) ready.push(id);
      }
      if (ready.length > 0) await mineConcept(context, conceptId);
      const encoded: PhotoId[] = [];
      for (const id of ready) {
        const done = await step(id, 'encode', all, async (signal) => {
          await ensureCard(context, conceptId, signal);
          const state = await context.state();
          const concept = state.concepts.find((other) => other.id === conceptId);
          if (concept === undefined) return;
          const plan = planOf(state, concept).filter(({ source }) => source.kind !== 'patch' || source.photoId === id);
          await blocks.ensure(concept, plan, queued, signal);
        });
        if (done) encoded.push(id);
      }
      ready = encoded;
      for (const id of ready) {
        if (await step(id, 'store', all, () => makeRoom(context))) await setJob(id, { status: 'done' });
      }
    } finally {
      for (const id of ids) running.delete(id);
    }
  }

  return {
    async work(conceptId, signal) {
      for (;;) {
        const jobs = (await memory.listJobs()).filter((job) => job.conceptId === conceptId && job.status === 'waiting');
        if (jobs.length === 0) break;
        await workOnPhotos(conceptId, jobs, signal);
      }
      const others = (await mineAgain(context, signal)).filter((id) => id !== conceptId);
      await ensureCard(context, conceptId, signal);
      const state = await context.state();
      const concept = state.concepts.find((other) => other.id === conceptId);
      if (concept === undefined) return others;
      // Patches of photos whose job failed or was cancelled stay as they are until it is retried.
      const halted = new Set(
        (await memory.listJobs()).filter((job) => job.status !== 'done').map((job) => job.photoId),
      );
      const plan = planOf(state, concept).filter(
        ({ source }) => source.kind !== 'patch' || !halted.has(source.photoId),
      );
      const ran = await blocks.ensure(concept, plan, (task) => context.queue.run('background', task, signal), signal);
      if (ran > 0) await makeRoom(context);
      const own = state.facts.filter((fact) => fact.conceptId === conceptId).map(({ text }) => text);
      for (const fact of own) {
        await context.queue.run('background', async () => context.ports.recall?.prepare([fact], signal), signal);
      }
      return others;
    },

    async cancel(photoId) {
      const job = (await memory.listJobs()).find((other) => other.photoId === photoId);
      if (job === undefined || (job.status !== 'waiting' && job.status !== 'running')) return;
      running.get(photoId)?.abort(new AppError('internal', 'Cancelled.'));
      await setJob(photoId, { status: 'cancelled', error: undefined });
    },

    async retry(photoId) {
      const job = (await memory.listJobs()).find((other) => other.photoId === photoId);
      if (job === undefined || (job.status !== 'failed' && job.status !== 'cancelled')) return undefined;
      return setJob(photoId, { stage: 'mine', status: 'waiting', error: undefined });
    },
  };
}

/** Stage store: derived blocks never take more than their share of the quota. */
async function makeRoom(context: Context): Promise<void> {
  const { memory, vlm } = context.ports;
  const { quotaBytes } = await memory.usage();
  if (quotaBytes === undefined) return;
  const { blocks } = await context.state();
  const gone = planEviction(blocks, quotaBytes * DERIVED_SHARE, vlm.info.fingerprint);
  if (gone.length === 0) return;
  await memory.deleteBlocks(gone);
  context.changed();
}
