/** Files on their way from where they were dropped to the screen that takes them. */

let waiting: File[] = [];

export function leaveFiles(files: readonly File[]): void {
  waiting = [...waiting, ...files];
}

/** Those that were left, once. */
export function takeFiles(): File[] {
  const taken = waiting;
  waiting = [];
  return taken;
}
