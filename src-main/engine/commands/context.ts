import type { JobEvent, JobProgress } from '../../../src-shared/job.ts';

/** What every command of the engine is given besides its parameters. */
export interface CommandContext {
  /** Stops the command at its next step boundary. */
  readonly signal: AbortSignal;
  readonly report: (event: JobEvent) => void;
}

export function note(context: CommandContext, message: string): void {
  context.report({ type: 'note', level: 'info', message });
}

export function warn(context: CommandContext, message: string): void {
  context.report({ type: 'note', level: 'warning', message });
}

/** Bytes that the engine's process held at most. */
export function peakMemory(): number {
  // Node gives kilobytes.
  return process.resourceUsage().maxRSS * 1024;
}

/** How much of the newest step's time counts in the pace. */
const paceWeight = 0.2;

/** Tells the finished steps of a phase, with the time left at the pace of the last ones. */
export function createPhase(context: CommandContext, phase: string, total: number, done = 0) {
  let lastTime = performance.now();
  let lastStep = done;
  let pace: number | undefined;
  const report = (step: number, values?: JobProgress['values']) => {
    const timeLeft = pace === undefined ? undefined : (pace * (total - step)) / 1000;
    const memory = process.memoryUsage.rss();
    context.report({ type: 'progress', phase, step, total, values, timeLeft, memory });
  };
  report(done);
  return {
    /** Leaves the time since the last step out of the pace: something else was done in between. */
    skip: () => {
      lastTime = performance.now();
    },
    /** @param step finished steps, counted from 1 */
    finish: (step: number, values?: JobProgress['values']) => {
      const now = performance.now();
      const newest = (now - lastTime) / Math.max(step - lastStep, 1);
      pace = pace === undefined ? newest : pace + paceWeight * (newest - pace);
      [lastTime, lastStep] = [now, step];
      report(step, values);
    },
  };
}
