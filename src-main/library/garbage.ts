import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { blobHash } from '../../src-shared/ids.ts';
import { blobPath } from './blobs.ts';
import { type ReadableDatabase, transact, type WritableDatabase } from './database.ts';
import { createMeter, type LongWork } from './longWork.ts';

/** Files deleted before other work gets its turn. */
const batchSize = 200;

export interface Collected {
  readonly files: number;
  readonly bytes: number;
}

interface BlobRow {
  readonly hash: string;
  readonly bytes: number;
}

/**
 * Deletes the files that no row needs, once they are old enough: an upload has no row at first.
 *
 * The database itself knows what is needed: every column that names a file references `blobs`, and SQLite refuses to
 * delete a row that is referenced. A file's row goes first, committed, then the file: a crash in between leaves a file
 * without a row, which the next collection finds in its folder.
 *
 * Where it is stopped, what is deleted stays so.
 *
 * @param minimumAge milliseconds
 */
export async function collectGarbage(
  database: WritableDatabase,
  folder: string,
  { minimumAge, ...following }: { readonly minimumAge: number } & LongWork,
): Promise<Collected> {
  following.signal?.throwIfAborted();
  const before = Date.now() - minimumAge;
  const rows = await collectRows(database, folder, before, following);
  const strays = await collectStrays(database, folder, before, following);
  return { files: rows.files + strays.files, bytes: rows.bytes + strays.bytes };
}

async function collectRows(
  database: WritableDatabase,
  folder: string,
  before: number,
  following: LongWork,
): Promise<Collected> {
  const collected = { files: 0, bytes: 0 };
  const candidates = unneededFiles(database);
  const searched = createMeter(following, 'deleting files', 256);
  const forget = database.prepare('DELETE FROM blobs WHERE hash = ?');
  for (let last = ''; ; await setImmediate()) {
    const batch = candidates.all(before, last, batchSize);
    if (batch.length === 0) return collected;
    transact(database, () => {
      for (const { hash } of batch) forget.run(hash);
    });
    for (const { hash, bytes } of batch) {
      rmSync(blobPath(folder, hash), { force: true });
      collected.files++;
      collected.bytes += bytes;
    }
    last = batch.at(-1)!.hash;
    searched(Number.parseInt(last.slice(0, 2), 16)); // hashes are evenly spread
  }
}

/** Rows of files that no column references, read from the schema: (kept before, hash after, limit). */
function unneededFiles(database: ReadableDatabase) {
  const unused = referencesTo(database, 'blobs').map(
    ({ table, column }) => `NOT EXISTS (SELECT 1 FROM "${table}" WHERE "${column}" = blobs.hash)`,
  );
  return database.prepare<[number, string, number], BlobRow>(
    `SELECT hash, bytes FROM blobs WHERE kept_at <= ? AND hash > ? AND ${unused.join(' AND ')}
     ORDER BY hash LIMIT ?`,
  );
}

/** Deletes the rows of files that nothing needs; the files stay. */
export function forgetUnneeded(database: WritableDatabase): void {
  const rows = unneededFiles(database).all(Number.MAX_SAFE_INTEGER, '', -1);
  const forget = database.prepare('DELETE FROM blobs WHERE hash = ?');
  transact(database, () => {
    for (const { hash } of rows) forget.run(hash);
  });
}

/** Columns that reference a table. */
export function referencesTo(database: ReadableDatabase, target: string) {
  return database
    .prepare<[string], { table: string; column: string }>(
      `SELECT tables.name AS "table", keys."from" AS "column"
       FROM sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS keys
       WHERE tables.type = 'table' AND keys."table" = ?
       ORDER BY 1, 2`,
    )
    .all(target);
}

/** Files in the store's folders that have no row. */
async function collectStrays(
  database: WritableDatabase,
  folder: string,
  before: number,
  following: LongWork,
): Promise<Collected> {
  const collected = { files: 0, bytes: 0 };
  const hasRow = database.prepare<[string], unknown>('SELECT 1 FROM blobs WHERE hash = ?');
  const folders = storeFolders(folder);
  const searched = createMeter(following, 'looking through the folders', folders.length);
  for (const [index, path] of folders.entries()) {
    searched(index);
    for (const name of readdirSync(path)) {
      if (!blobHash.safeParse(name).success || hasRow.get(name)) continue;
      const file = statSync(join(path, name));
      if (Math.max(file.mtimeMs, file.ctimeMs) > before) continue;
      rmSync(join(path, name));
      collected.files++;
      collected.bytes += file.size;
    }
    await setImmediate();
  }
  return collected;
}

function storeFolders(folder: string): string[] {
  const blobs = join(folder, 'blobs');
  if (!existsSync(blobs)) return [];
  const names = readdirSync(blobs).filter((name) => /^[0-9a-f]{2}$/.test(name));
  return names.map((name) => join(blobs, name));
}
