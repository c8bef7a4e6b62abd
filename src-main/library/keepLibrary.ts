import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { blobPath } from './blobs.ts';
import { databasePath, type WritableDatabase } from './database.ts';
import { moveDurably } from './durableFiles.ts';
import { keptFolder } from './keptLibraries.ts';

/**
 * Keeps the library as it is now as a library of its own, in `kept/TIME` beside the database. Its files are further
 * names of the same bytes where the disk can do that, and take no room.
 *
 * @param work a folder on the same disk, for what is not finished
 * @returns the new folder
 */
export async function keepLibrary(
  database: WritableDatabase,
  folder: string,
  work: string,
): Promise<string> {
  const unfinished = join(work, 'kept');
  mkdirSync(unfinished);
  await database.backup(databasePath(unfinished));
  const hashes = database.prepare<[], string>('SELECT hash FROM blobs').pluck().all();
  for (const hash of hashes) await linkFile(blobPath(folder, hash), blobPath(unfinished, hash));
  await linkFolder(join(folder, 'trainings'), join(unfinished, 'trainings'));
  const kept = join(keptFolder(folder), new Date().toISOString().replaceAll(/[:.]/g, '-'));
  moveDurably(unfinished, kept);
  return kept;
}

async function linkFolder(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await linkFile(path, join(to, path.slice(from.length)));
  }
}

async function linkFile(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return; // it was missing before
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // a disk without links
  }
  await setImmediate();
}
