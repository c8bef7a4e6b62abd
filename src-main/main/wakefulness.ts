import { powerSaveBlocker } from 'electron';
import type { RunningJobs } from './runningJobs.ts';

/** Keeps the machine from falling asleep as long as a job runs; its screen may. */
export function stayAwake(jobs: Pick<RunningJobs, 'follow'>): void {
  let blocker: number | undefined;
  jobs.follow(({ length }) => {
    if (length > 0) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
  });
}
