import type { JobEnd } from '../../src-shared/jobEnd.ts';
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
  const { phase, step, total } = progress;
  const previewed = previewedStep(phase);
  const place = previewed ?? `step ${step} of ${total}`;
  if (state === 'running') return previewed ? phase : `${phase}, ${place}`;
  return state === 'paused' ? `paused at ${place}` : stateWords[state];
}

/** The same where there is little room: "plain, step 40/200". */
export function shortJobLine({ state, progress }: Pick<JobStatus, 'state' | 'progress'>): string {
  if (state !== 'running' || !progress) return stateWords[state];
  const { phase, step, total } = progress;
  const previewed = previewedStep(phase);
  if (previewed) return `preview of ${previewed}`;
  return `${phase.replace(/^training \((.+)\)$/, '$1, step')} ${step}/${total}`;
}

/** The step of the training whose preview is made: the phase's own steps are those of a picture, and mislead. */
function previewedStep(phase: string): string | undefined {
  return phase.match(/^preview of (step \d+)/)?.[1];
}

/** The job that is worth showing where there is place for one: the running one, else the first that waits. */
export function nextJob(jobs: readonly JobStatus[]): JobStatus | undefined {
  return jobs.find(({ state }) => state === 'running') ?? jobs[0];
}

/** Whether nothing will come of it any more than there is. */
export function hasEnded({ state }: Pick<JobStatus, 'state'>): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/**
 * What the window is called: after what has ended unseen, else after what runs.
 *
 * @param running with the share of it that is done, 0 to 1
 */
export function windowTitle(
  unseen: Pick<JobEnd, 'title'> | undefined,
  running: { readonly title: string; readonly share: number } | undefined,
): string {
  if (unseen) return `${unseen.title} - Tessera`;
  return running ? `${Math.floor(running.share * 100)} % ${running.title} - Tessera` : 'Tessera';
}
