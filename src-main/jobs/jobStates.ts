import { InputError } from '../../src-shared/inputError.ts';
import {
  type JobAction,
  type JobState,
  type JobStatus,
  jobActions,
} from '../../src-shared/jobRecord.ts';

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
  if (jobActions[state].includes(action)) return;
  throw new InputError(`${title} cannot be ${actionNames[action]}: ${stateNames[state]}`);
}
