import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../src-shared/inputError.ts';
import { databasePart, writeBackupFile } from './backupFile.ts';
import { type BlobStore, blobPath, incomingFolder, type KeptFile } from './blobs.ts';
import { openWritable, type WritableDatabase } from './database.ts';
import { forgetUnneeded } from './garbage.ts';
import { createMeter, type LongWork } from './longWork.ts';

/** What the work on a whole library needs. */
export interface LibraryParts {
  readonly database: WritableDatabase;
  readonly folder: string;
  readonly blobs: BlobStore;
}

/**
 * A snapshot of the library as one file in its own store. Trainings' checkpoints are not in it. Where it is stopped,
 * nothing of it is left.
 */
export async function backUp(
  { database, folder, blobs }: LibraryParts,
  following: LongWork,
): Promise<KeptFile> {
  following.signal?.throwIfAborted();
  const work = workFolder(folder);
  try {
    const snapshot = join(work, databasePart);
    await copyPages(database, snapshot, following);
    const files = prepareSnapshot(snapshot);
    const total = files.reduce((sum, { bytes }) => sum + bytes, statSync(snapshot).size);
    await requireSpace(folder, total);
    const path = join(work, 'backup');
    const parts = [
      { name: databasePart, path: snapshot },
      ...files.map(({ hash }) => ({ name: hash, path: blobPath(folder, hash) })),
    ];
    await writeBackupFile(path, parts, createMeter(following, 'gathering files', total));
    const checked = createMeter(following, 'checking the backup', statSync(path).size);
    return await blobs.putFile(path, checked);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Pages of the database that are copied before other work gets its turn. */
const pagesAtOnce = 100;

async function copyPages(
  database: WritableDatabase,
  to: string,
  following: LongWork,
): Promise<void> {
  const copied = createMeter(following, 'copying the database', 1);
  await database.backup(to, {
    progress: ({ totalPages, remainingPages }) => {
      copied(1 - remainingPages / totalPages);
      return pagesAtOnce;
    },
  });
}

/** A new folder for files on their way. */
export function workFolder(folder: string): string {
  const work = join(incomingFolder(folder), randomUUID());
  mkdirSync(work, { recursive: true });
  return work;
}

/** @throws InputError where the disk has less room than that */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize > bytes) return;
  const megabytes = (count: number) => `${Math.ceil(count / 1e6)} MB`;
  throw new InputError(
    `The disk of the library ${folder} has ${megabytes(bavail * bsize)} left, and ${megabytes(bytes)} are needed. Free some space on it and try again`,
  );
}

/**
 * Makes a copy of the database fit for another day and machine: without measurements of this machine, and with jobs
 * that wait for the user.
 *
 * @returns the files that its rows need
 */
function prepareSnapshot(path: string): { hash: string; bytes: number }[] {
  const snapshot = openWritable(path);
  try {
    snapshot.exec(`
      DELETE FROM self_tests;
      DELETE FROM training_speeds;
      UPDATE jobs SET state = 'paused' WHERE state IN ('queued', 'running', 'interrupted');`);
    forgetUnneeded(snapshot);
    snapshot.pragma('journal_mode = DELETE');
    return snapshot
      .prepare<[], { hash: string; bytes: number }>('SELECT hash, bytes FROM blobs ORDER BY hash')
      .all();
  } finally {
    snapshot.close();
  }
}
