import { codeOf } from '../../src-shared/caught.ts';
import { InputError } from '../../src-shared/inputError.ts';

/** What the disk can do to a library, by SQLite's and the system's codes. */
const reasons: readonly (readonly [codes: RegExp, say: (folder: string) => string])[] = [
  [
    /^(SQLITE_FULL|ENOSPC|EDQUOT|EFBIG)$/,
    (folder) =>
      `The disk of the library ${folder} is full; nothing was lost. Free some space on it and try again`,
  ],
  [
    /^(SQLITE_READONLY.*|SQLITE_PERM|EROFS|EACCES|EPERM)$/,
    (folder) =>
      `The library ${folder} cannot be written: the folder or its disk is read-only. Allow writing there, or choose another folder with TESSERA_LIBRARY`,
  ],
  [
    /^(SQLITE_CORRUPT.*|SQLITE_NOTADB)$/,
    (folder) =>
      `The library's database in ${folder} is damaged. Rename that folder, start again and restore a backup; nothing in it was changed`,
  ],
  [
    /^(SQLITE_IOERR.*|SQLITE_CANTOPEN.*|EIO|ENODEV|ESTALE|ENXIO)$/,
    (folder) =>
      `The disk of the library ${folder} fails or was removed. Connect it again and restart Tessera`,
  ],
  [
    /^SQLITE_BUSY/,
    (folder) => `Another program is writing to the library ${folder}; close it and try again`,
  ],
];

/** The error to be thrown: an InputError where the disk or the database is at fault, else the same one. */
export function clearError(error: unknown, folder: string): unknown {
  const code = codeOf(error) ?? '';
  const reason = reasons.find(([codes]) => codes.test(code));
  return reason ? new InputError(`${reason[1](folder)} (${code}).`, { cause: error }) : error;
}

/** The same functions, throwing clear errors where the disk or the database is at fault. */
export function withClearErrors<Functions extends object>(
  functions: Functions,
  folder: string,
): Functions {
  const guarded = Object.entries(functions).map(([name, run]) => {
    if (typeof run !== 'function') return [name, run];
    return [name, (...values: unknown[]) => runClearly(() => run(...values), folder)];
  });
  return Object.fromEntries(guarded);
}

/** Runs something that may fail at once or later. */
export function runClearly<Result>(run: () => Result, folder: string): Result {
  try {
    const result = run();
    if (!(result instanceof Promise)) return result;
    const clear = result.catch((error: unknown) => {
      throw clearError(error, folder);
    });
    return clear as Result;
  } catch (error) {
    throw clearError(error, folder);
  }
}
