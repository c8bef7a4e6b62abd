import type { JobChange } from '../library/jobStore.ts';

/** Ends of jobs that could not be written down when they came, because the disk was full or gone. */
export interface UnsavedEnds {
  add(id: string, end: JobChange): void;
  /** Writes down what can be written now. */
  retry(): void;
  /** Gives up: at the next start of the program those jobs count as interrupted, and go on. */
  close(): void;
}

/** Milliseconds between two attempts. */
const retryPause = 5000;

/** @param save writes the end of a job down, or throws */
export function createUnsavedEnds(save: (id: string, end: JobChange) => void): UnsavedEnds {
  const ends = new Map<string, JobChange>();
  let timer: NodeJS.Timeout | undefined;
  const retry = () => {
    for (const [id, end] of ends) if (succeeds(() => save(id, end))) ends.delete(id);
    if (ends.size === 0) close();
  };
  const close = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    add: (id, end) => {
      ends.set(id, end);
      timer ??= setInterval(retry, retryPause).unref();
    },
    retry,
    close,
  };
}

function succeeds(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
