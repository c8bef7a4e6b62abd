/** Which concept was opened from the library last: coming back leads to its card. */

export interface Opened {
  readonly id: string;
  /** Where its card stood. */
  readonly index: number;
  /** The library's filter then, as it stood in the address. */
  readonly filter: string;
}

let last: Opened | undefined;

export function rememberOpened(opened: Opened): void {
  last = opened;
}

/** The concept that was opened from the library with this filter, once. */
export function takeOpened(filter: string): Opened | undefined {
  const taken = last?.filter === filter ? last : undefined;
  last = undefined;
  return taken;
}
