import { InputError } from '../../src-shared/inputError.ts';
import type { JobState, JobStatus } from '../../src-shared/jobRecord.ts';

/** What the user may do to a job, and in which states. */
const allowed = {
  pause: ['queued', 'running', 'interrupted', 'paused'],
  resume: ['paused', 'failed'],
  cancel: ['queued', 'running', 'interrupted', 'paused', 'failed'],
} as const satisfies Readonly<Record<string, readonly JobState[]>>;

export type JobAction = keyof typeof allowed;

const actionNames: Readonly<Record<JobAction, string>> = {
  pause: 'paused',
  resume: 'resumed',
  cancel: 'stopped',
};

const stateNames: Readonly<Record<JobState, string>> = {
  queued: 'it waits in the queue and begins by itself',
  running: 'it is running',
  interrupted: 'it goes on by itself',
  paused: 'it is paused',
  done: 'it is finished',
  failed: 'it has failed: resume it first',
  cancelled: 'it was cancelled: start it anew',
};

/** @throws InputError that names the job, the action and why it cannot be */
export function requireAllowed(action: JobAction, { title, state }: JobStatus): void {
  if (allowed[action].some((able) => able === state)) return;
  throw new InputError(`${title} cannot be ${actionNames[action]}: ${stateNames[state]}`);
}
