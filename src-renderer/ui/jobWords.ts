import type { JobStatus } from '../../src-shared/jobRecord.ts';

/** Jobs in words. */

const stateWords: Readonly<Record<JobStatus['state'], string>> = {
  queued: 'waiting for its turn',
  running: 'starting',
  paused: 'paused',
  interrupted: 'interrupted, goes on by itself',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** How a job stands: "training, step 40 of 200", "paused at step 40 of 200". */
export function jobLine({ state, progress }: Pick<JobStatus, 'state' | 'progress'>): string {
  if (!progress) return stateWords[state];
  const place = `step ${progress.step} of ${progress.total}`;
  if (state === 'running') return `${progress.phase}, ${place}`;
  return state === 'paused' ? `paused at ${place}` : stateWords[state];
}

/** The same where there is little room: "plain, step 40/200". */
export function shortJobLine({ state, progress }: Pick<JobStatus, 'state' | 'progress'>): string {
  if (state !== 'running' || !progress) return stateWords[state];
  const phase = progress.phase
    .replace(/^(preview of step \d+).*/, '$1')
    .replace(/^training \((.+)\)$/, '$1, step');
  return `${phase} ${progress.step}/${progress.total}`;
}

/** The job that is worth showing where there is place for one: the running one, else the first that waits. */
export function nextJob(jobs: readonly JobStatus[]): JobStatus | undefined {
  return jobs.find(({ state }) => state === 'running') ?? jobs[0];
}

/** Whether nothing will come of it any more than there is. */
export function hasEnded({ state }: Pick<JobStatus, 'state'>): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
