import type { JobStatus } from './jobRecord.ts';

/** How a training has ended, in words. */
export interface JobEnd {
  /** Of the job. */
  readonly id: string;
  readonly title: string;
  readonly detail?: string;
  readonly tone: 'good' | 'bad';
}

/** @returns undefined for a job that goes on, or that the user has ended; a self-test tells its end by itself */
export function jobEnd({ id, kind, title, state, error }: JobStatus): JobEnd | undefined {
  if (kind !== 'train') return undefined;
  if (state === 'done') return { id, title: `${title} is done`, tone: 'good' };
  if (state !== 'failed') return undefined;
  return { id, title: `${title} failed`, tone: 'bad', ...(error && { detail: error.message }) };
}
