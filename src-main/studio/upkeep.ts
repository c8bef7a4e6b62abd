import { setTimeout } from 'node:timers/promises';
import type { StudioContext } from './studioContext.ts';

/** Work on the library that nobody asks for. */
export interface Upkeep {
  /** Ends it, where it is in the middle of something too. */
  close(): Promise<void>;
}

export interface UpkeepPauses {
  /** Milliseconds until the first time: opening comes first. */
  readonly first: number;
  readonly between: number;
}

const day = 24 * 60 * 60 * 1000;

/**
 * What nothing has needed for so long goes, in milliseconds. A window may stay open for days, with photos and pictures
 * that are not in the library yet.
 */
const forgottenAfter = 7 * day;

/** Collects what nothing needs, soon after the start and then daily. */
export function startUpkeep(
  { library, faults }: Pick<StudioContext, 'library' | 'faults'>,
  { first, between }: UpkeepPauses = { first: 60 * 1000, between: day },
): Upkeep {
  const ending = new AbortController();
  const { signal } = ending;
  async function collect(): Promise<void> {
    try {
      await library.collectGarbage({ minimumAge: forgottenAfter, signal });
    } catch (error) {
      if (!signal.aborted) faults.note('upkeep', error);
    }
  }
  async function keepUp(): Promise<void> {
    for (let pause = first; ; pause = between) {
      await setTimeout(pause, undefined, { signal, ref: false });
      await collect();
    }
  }
  const ended = keepUp().catch(() => {}); // by the signal alone
  return {
    close: async () => {
      ending.abort();
      await ended;
    },
  };
}
