import { openLibrary } from '../../src-main/library/library.ts';

/** One thread for each session: test files run side by side, and threads of several sessions wait for each other. */
export const testSettings = { threads: 1 } as const;

/** Gives the library in this folder those settings; it is made where there is none. */
export function prepareLibrary(folder: string): void {
  const library = openLibrary(folder);
  library.settings.change(testSettings);
  library.close();
}
