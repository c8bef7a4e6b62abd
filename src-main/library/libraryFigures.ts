import { existsSync, readdirSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { databasePath, type ReadableDatabase } from './database.ts';

/** How much of the disk the library takes, in bytes, and what is in it. */
export interface LibraryFigures {
  readonly databaseBytes: number;
  readonly blobBytes: number;
  readonly blobs: number;
  /** Of unfinished trainings. */
  readonly checkpointBytes: number;
  readonly freeBytes: number;
  readonly concepts: number;
  readonly compositions: number;
}

export async function measureLibrary(library: {
  readonly database: ReadableDatabase;
  readonly folder: string;
  readonly trainings: string;
}): Promise<LibraryFigures> {
  const { database, folder, trainings } = library;
  const { bavail, bsize } = await statfs(folder);
  const counts = database.prepare<[], Counts>(
    `SELECT (SELECT count(*) FROM blobs) AS blobs,
       (SELECT coalesce(sum(bytes), 0) FROM blobs) AS blobBytes,
       (SELECT count(*) FROM concepts) AS concepts,
       (SELECT count(*) FROM compositions) AS compositions`,
  );
  const files = ['', '-wal'].map((end) => databasePath(folder) + end);
  return {
    ...counts.get()!,
    databaseBytes: files.reduce((sum, path) => sum + sizeOf(path), 0),
    checkpointBytes: bytesIn(trainings),
    freeBytes: bavail * bsize,
  };
}

type Counts = Pick<LibraryFigures, 'blobs' | 'blobBytes' | 'concepts' | 'compositions'>;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + sizeOf(join(parentPath, name)), 0);
}
