import type { CallProgress } from '../../src-shared/studioEvent.ts';

/** How long work on a library is followed and stopped. After `signal` it throws the signal's reason. */
export interface LongWork {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CallProgress) => void;
}

/**
 * Follows one phase of long work, to be told how much of it is done: passes it on in whole percent.
 *
 * @throws the signal's reason where the work is to end
 */
export function createMeter(
  { signal, onProgress }: LongWork,
  phase: string,
  total: number,
): (done: number) => void {
  let told = -1;
  return (done) => {
    signal?.throwIfAborted();
    const step = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 100;
    if (step === told) return;
    told = step;
    onProgress?.({ phase, step, total: 100 });
  };
}
