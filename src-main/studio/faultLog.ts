/** The last faults of this run, for bug reports. */
export interface FaultLog {
  note(place: string, error: unknown): void;
  /** The newest last. */
  lines(): string[];
}

const mostFaults = 20;
const mostCharacters = 2000;

export function createFaultLog(): FaultLog {
  const faults: string[] = [];
  return {
    note: (place, error) => {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const text = `${new Date().toISOString()} ${place}: ${stack}`;
      faults.push(text.slice(0, mostCharacters));
      if (faults.length > mostFaults) faults.shift();
    },
    lines: () => [...faults],
  };
}
