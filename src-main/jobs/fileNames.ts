import { InputError } from '../../src-shared/inputError.ts';

/** What the user calls the files that a request names by their paths. */
export type FileNames = ReadonlyMap<string, string>;

/**
 * Runs a request to the engine, whose messages name files by their paths, and puts the users' names in their places:
 * a path inside the library says nothing to them, and where other files lie is nobody's business but theirs.
 */
export async function withNames<T>(names: FileNames, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(renamed(error.message, names));
  }
}

/** The longest paths first: one may begin like another. */
export function renamed(message: string, names: FileNames): string {
  const longestFirst = [...names].sort(([a], [b]) => b.length - a.length);
  return longestFirst.reduce((text, [path, name]) => text.replaceAll(path, () => name), message);
}
