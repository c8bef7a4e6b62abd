import type { JobStatus } from '../../src-shared/jobRecord.ts';
import type { StudioPort } from '../shell/studioPort.ts';
import { askStudio } from './askStudio.ts';

/** The jobs that run, for what must know it at once: a window that is closed does not wait for an answer. */
export interface RunningJobs {
  /** As the user would call them: "Training <my-cat>". */
  titles(): readonly string[];
  /** Calls back with the titles now, and whenever a job begins or ends. */
  follow(listener: (titles: readonly string[]) => void): void;
}

export async function watchJobs(
  studio: Pick<StudioPort, 'call' | 'subscribe'>,
): Promise<RunningJobs> {
  const states = new Map<string, JobStatus['state']>();
  const running = new Map<string, string>();
  const listeners = new Set<(titles: readonly string[]) => void>();
  const titles = () => [...running.values()];

  function note({ id, state, title }: JobStatus): void {
    if (states.get(id) === state) return;
    states.set(id, state);
    if (state === 'running') running.set(id, title);
    else if (!running.delete(id)) return;
    for (const listener of listeners) listener(titles());
  }

  studio.subscribe((event) => {
    if (event.type === 'job') note(event.job);
  });
  // They have begun with the studio. What was told since then is newer than the list.
  const { jobs } = await askStudio(studio, 'listJobs', {});
  for (const job of jobs) if (!states.has(job.id)) note(job);
  return {
    titles,
    follow: (listener) => {
      listeners.add(listener);
      listener(titles());
    },
  };
}
