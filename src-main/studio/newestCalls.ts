/** Of calls that take each other's place only the newest goes on. */
export interface NewestCalls {
  /**
   * Runs a call and ends the one before it in the same lane.
   *
   * @param signal also ends it
   */
  run<T>(lane: string, signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export function createNewestCalls(): NewestCalls {
  const running = new Map<string, AbortController>();
  return {
    run: async (lane, signal, call) => {
      running.get(lane)?.abort();
      const own = new AbortController();
      running.set(lane, own);
      try {
        return await call(AbortSignal.any([signal, own.signal]));
      } finally {
        if (running.get(lane) === own) running.delete(lane);
      }
    },
  };
}
