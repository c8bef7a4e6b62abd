import type { JobEvent, JobOptions } from '../../src-shared/job.ts';
import type { CallProgress } from '../../src-shared/studioEvent.ts';

/** How a window follows and stops a call. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CallProgress) => void;
  /** Of the window that calls: its newest preview ends its older one. */
  readonly windowId: string;
}

/**
 * The same for a request to the engine; of its events a window hears how far it is.
 *
 * @param onWarning hears what the engine has to say about the request besides
 */
export function jobOptions(
  { signal, onProgress }: Pick<CallOptions, 'signal' | 'onProgress'>,
  onWarning: (message: string) => void = () => {},
) {
  const onEvent = (event: JobEvent) => {
    if (event.type === 'note' && event.level === 'warning') onWarning(event.message);
    if (event.type !== 'progress') return;
    const { phase, step, total, timeLeft } = event;
    onProgress({ phase, step, total, ...(timeLeft !== undefined && { timeLeft }) });
  };
  return { signal, onEvent } satisfies JobOptions;
}
