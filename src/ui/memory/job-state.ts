// How far an enrolment is, from the jobs of its photos.

import type { PhotoJob } from '../../core/types';

export function isUnderWay(job: PhotoJob): boolean {
  return job.status === 'waiting' || job.status === 'running';
}

/** Something about this photo is not settled: it runs, it failed, or it was cancelled. */
export function isUnsettled(job: PhotoJob): boolean {
  return job.status !== 'done';
}
