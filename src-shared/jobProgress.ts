import type { JobStatus } from './jobRecord.ts';

/** How far a job is as a whole. A training tells each of its phases by itself: previews, and two trainings where a plain
 * twin goes first. */

export interface OverallProgress {
  /** 0 to 1; never goes back. */
  readonly share: number;
  /** Seconds, by the pace of the training; previews come on top. */
  readonly timeLeft?: number;
}

/** @param before what was known before, to go on from while something else than the training itself is done */
export function overallProgress(
  { state, progress }: Pick<JobStatus, 'state' | 'progress'>,
  before: OverallProgress = { share: 0 },
): OverallProgress {
  if (state === 'done') return { share: 1 };
  if (!progress) return before;
  const { phase, step, total, timeLeft } = progress;
  const part = phase.endsWith('(plain)') ? 0 : phase.endsWith('(semantic)') ? 1 : undefined;
  if (!isMain(phase)) return { ...before, share: Math.max(before.share, part === 1 ? 0.5 : 0) };
  const done = step / total;
  const share = Math.max(before.share, part === undefined ? done : (part + done) / 2);
  if (timeLeft === undefined) return { share };
  if (part !== 0) return { share, timeLeft };
  // the second training takes as long as the first one, of which nothing is left to tell the pace at its end
  const both = done < 1 ? timeLeft + timeLeft / (1 - done) : before.timeLeft;
  return { share, ...(both !== undefined && { timeLeft: both }) };
}

/** Of a training all but its own steps is by the way; other jobs have one phase at a time. */
function isMain(phase: string): boolean {
  return phase.startsWith('training') || !/\((plain|semantic)\)$|^preview/.test(phase);
}

const known = new Map<string, OverallProgress>();

/** The same for a job that is followed: what was known of it is kept between two looks. */
export function jobProgress(job: JobStatus): OverallProgress {
  const next = overallProgress(job, known.get(job.id));
  known.set(job.id, next);
  return next;
}
