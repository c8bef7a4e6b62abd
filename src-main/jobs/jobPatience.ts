import type { JobProgress } from '../../src-shared/job.ts';

/** Tells an engine that ends now and then, while the work goes on, from one that ends at the same place every time. */
export interface Patience {
  progress(id: string, progress: JobProgress): void;
  /** Asked after each unexpected end: whether the job may try again. */
  endures(id: string): boolean;
  /** Begins anew with this job. */
  forget(id: string): void;
}

interface Attempts {
  /** Farthest step of each phase, in any attempt. */
  readonly reached: Map<string, number>;
  /** Sum of those at the last end. */
  before: number;
  /** Ends since there was progress. */
  ends: number;
}

/** @param most ends without progress, the last of which is one too many */
export function createPatience(most: number): Patience {
  const jobs = new Map<string, Attempts>();
  const attemptsOf = (id: string): Attempts => {
    const known = jobs.get(id) ?? { reached: new Map(), before: -1, ends: 0 };
    jobs.set(id, known);
    return known;
  };
  return {
    progress: (id, { phase, step }) => {
      const { reached } = attemptsOf(id);
      reached.set(phase, Math.max(step, reached.get(phase) ?? 0));
    },
    endures: (id) => {
      const attempts = attemptsOf(id);
      const now = attempts.reached.values().reduce((sum, step) => sum + step, 0);
      attempts.ends = now > attempts.before ? 1 : attempts.ends + 1;
      attempts.before = now;
      return attempts.ends < most;
    },
    forget: (id) => jobs.delete(id),
  };
}
