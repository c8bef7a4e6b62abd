import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasLock, lockLibrary } from './lock.ts';

/** The libraries that restores have kept as they were before, each in a folder of its own: see keepLibrary.ts. */

export interface KeptFigures {
  readonly libraries: number;
  /** That deleting them would free: files that the library has too take no room. */
  readonly bytes: number;
}

/** Where they lie. */
export const keptFolder = (folder: string): string => join(folder, 'kept');

export async function measureKept(folder: string): Promise<KeptFigures> {
  const libraries = keptLibraries(folder).length;
  return { libraries, bytes: libraries > 0 ? await ownBytes(keptFolder(folder)) : 0 };
}

/** Deletes them for good. @throws InputError that names the process which has one of them open */
export async function deleteKept(folder: string): Promise<void> {
  const paths = keptLibraries(folder).map(({ name }) => join(keptFolder(folder), name));
  for (const path of paths) if (hasLock(path)) lockLibrary(path).release();
  for (const path of paths) await rm(path, { recursive: true });
}

function keptLibraries(folder: string): Dirent[] {
  const kept = keptFolder(folder);
  if (!existsSync(kept)) return [];
  return readdirSync(kept, { withFileTypes: true }).filter((entry) => entry.isDirectory());
}

/** Bytes of the files all of whose names lie in a folder. */
async function ownBytes(folder: string): Promise<number> {
  /** Names that are yet to be found, by the file. */
  const missing = new Map<bigint, bigint>();
  let bytes = 0n;
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (!entry.isFile()) continue;
    const { ino, nlink, size } = await stat(join(entry.parentPath, entry.name), { bigint: true });
    const left = (missing.get(ino) ?? nlink) - 1n;
    missing.set(ino, left);
    if (left === 0n) bytes += size;
  }
  return Number(bytes);
}
