// Rebuild: what a reload cut short goes on, and what another model made is made again, most used first.

import { rebuildOrder } from '../core/stages/store';
import type { ConceptId, PhotoJob } from '../core/types';
import type { Context } from './context';
import { waitingJob } from './remember';

/**
 * Turns memory as a reload left it into work: running jobs wait again, photos without vectors of the present encoder get a job
 * unless the user cancelled theirs or it failed. Returns every concept in the order in which to look at it. `reloaded`: no job can be
 * running, whatever memory says.
 */
export async function planRebuild(context: Context, reloaded: boolean): Promise<ConceptId[]> {
  const { memory } = context.ports;
  const [jobs, state, vectors] = await Promise.all([memory.listJobs(), context.state(), context.vectors()]);
  const encoded = new Set(vectors.map((one) => one.photoId));
  const jobOf = new Map(jobs.map((job) => [job.photoId, job]));
  const changed: PhotoJob[] = jobs
    .filter((job) => reloaded && job.status === 'running')
    .map((job) => ({ ...job, status: 'waiting', updatedAt: Date.now() }));
  for (const photo of state.photos) {
    const job = jobOf.get(photo.id);
    // Without a job the photo was just restored or imported.
    if (job === undefined || (job.status === 'done' && !encoded.has(photo.id)))
      changed.push(waitingJob(photo.id, photo.conceptId, job?.fileName ?? ''));
  }
  if (changed.length > 0) {
    await memory.saveJobs(changed);
    context.changed();
  }
  const used = rebuildOrder(state.blocks);
  const live = new Set(state.concepts.map((concept) => concept.id));
  return [...new Set([...used.filter((id) => live.has(id)), ...live])];
}
