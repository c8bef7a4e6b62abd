import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { access, constants, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { codeOf } from '../../src-shared/caught.ts';
import { refusalOf } from '../../src-shared/fileRefusal.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { makeFolders } from '../library/makeFolders.ts';

/**
 * Looks before the work begins whether its result can be written.
 *
 * @throws InputError where the ending is another, or something that is no file stands there
 */
export async function checkOutput(path: string, ending: string): Promise<void> {
  if (extname(path).toLowerCase() !== ending) {
    throw new InputError(`${path}: expected a file name that ends in ${ending}`);
  }
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) throw new InputError(`${path}: this is a folder, expected a file`);
  await makeFolder(dirname(path));
  await access(dirname(path), constants.W_OK).catch((error) => {
    throw unwritable(path, error);
  });
}

/** @throws InputError where there is none and none can be made */
export async function makeFolder(folder: string): Promise<void> {
  try {
    makeFolders(folder);
  } catch (error) {
    throw new InputError(
      `${folder}: this folder cannot be made (${whyNot(error)}); choose another place`,
    );
  }
}

/** The folder may lie deep in what is in its way. */
function whyNot(error: unknown): string {
  const inTheWay = error instanceof Error && 'path' in error ? error.path : undefined;
  if (codeOf(error) === 'EEXIST' && inTheWay) return `${inTheWay} is a file`;
  return refusalOf(error);
}

/**
 * Makes a folder and does the work that fills it. Where that fails, the folders that were made for it go again, as far
 * as they are empty.
 *
 * @throws InputError where there is no such folder and none can be made, and what `work` throws
 */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const missing = missingFolders(folder);
  try {
    await makeFolder(folder);
    return await work();
  } catch (error) {
    for (const path of missing) await rmdir(path).catch(() => {});
    throw error;
  }
}

/**
 * As {@link inFolder}, for what is of no use in part: where the process is ended at once, a folder that was not there
 * before goes again, and one that was empty is so again.
 */
export async function inEmptyFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const clear = clearing(folder);
  process.once('exit', clear);
  try {
    return await inFolder(folder, work);
  } finally {
    process.off('exit', clear);
  }
}

function clearing(folder: string): () => void {
  const outermost = missingFolders(folder).at(-1);
  const remove = (path: string) => rmSync(path, { recursive: true, force: true });
  if (outermost !== undefined) return () => remove(outermost);
  if (entriesOf(folder).length > 0) return () => {};
  return () => {
    for (const name of entriesOf(folder)) remove(join(folder, name));
  };
}

/** None where it is no folder that can be read: the work tells. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Innermost first. */
function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.push(path);
  return missing;
}

/** Writes a file whole or not at all: to a temporary name, flushed, renamed. */
export async function writeOutput(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): InputError {
  return new InputError(`${path} cannot be written (${refusalOf(error)}); choose another place`);
}
