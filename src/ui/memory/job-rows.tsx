// A row for each photo of an enrolment: its stage, and a way to cancel it or to try again.

import { Button } from 'react-aria-components/Button';
import { cancelPhoto, retryPhoto } from '../../client/memory-commands';
import type { PhotoJob } from '../../core/types';
import { isUnderWay } from './job-state';

const STEPS = ['enrol', 'mine', 'encode', 'store'] as const satisfies readonly PhotoJob['stage'][];

export function JobRows({ jobs }: { jobs: readonly PhotoJob[] }) {
  return (
    <ul className="job-rows" aria-label="Progress">
      {jobs.map((job) => (
        <li key={job.photoId} data-status={job.status}>
          <span className="job-file">{job.fileName}</span>
          <ol className="job-steps" aria-hidden="true">
            {STEPS.map((step) => (
              <li key={step} data-step={stepState(job, step)}>
                {step}
              </li>
            ))}
          </ol>
          <span className="sr-only">{words(job)}</span>
          {job.error !== undefined && job.status === 'failed' && <span className="problem">{job.error}</span>}
          {isUnderWay(job) && (
            <Button
              className="button small"
              aria-label={`Cancel ${job.fileName}`}
              onPress={() => void cancelPhoto(job.photoId)}
            >
              Cancel
            </Button>
          )}
          {(job.status === 'failed' || job.status === 'cancelled') && (
            <Button
              className="button small"
              aria-label={`Try ${job.fileName} again`}
              onPress={() => void retryPhoto(job.photoId)}
            >
              Try again
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function stepState(job: PhotoJob, step: PhotoJob['stage']): 'done' | 'now' | 'stopped' | 'ahead' {
  if (job.status === 'done') return 'done';
  const at = STEPS.indexOf(job.stage) - STEPS.indexOf(step);
  if (at > 0) return 'done';
  if (at < 0) return 'ahead';
  if (job.status === 'running') return 'now';
  return job.status === 'waiting' ? 'ahead' : 'stopped';
}

function words(job: PhotoJob): string {
  switch (job.status) {
    case 'waiting':
      return 'waiting';
    case 'running':
      return job.stage;
    case 'done':
      return 'done';
    case 'failed':
      return 'failed';
    case 'cancelled':
      return 'cancelled';
    default:
      return job.status satisfies never;
  }
}
