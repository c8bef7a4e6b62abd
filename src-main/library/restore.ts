import { createHash } from 'node:crypto';
import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { codeOf } from '../../src-shared/caught.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { type LibraryParts, requireSpace, workFolder } from './backup.ts';
import { BackupFile, databasePart } from './backupFile.ts';
import type { BlobStore } from './blobs.ts';
import { clearError } from './clearErrors.ts';
import {
  openUntrusted,
  openWritable,
  type ReadableDatabase,
  type WritableDatabase,
} from './database.ts';
import { checkHeader } from './header.ts';
import { keepLibrary } from './keepLibrary.ts';
import { migrate, readMigrations, versionOf } from './migrations.ts';
import { replaceRows } from './replaceRows.ts';
import { validateRecords } from './validateRecords.ts';

/**
 * Replaces what is in the library by a backup. Its files join the store first, where they do no harm; then one
 * transaction exchanges all rows. Whenever it is killed, the library is the old one or the new one.
 *
 * @returns the folder in which the library is kept as it was
 * @throws InputError where the backup is not whole, or a job is running
 */
export async function restore(library: LibraryParts, backup: BlobHash): Promise<{ kept: string }> {
  const { database, folder, blobs } = library;
  requireIdle(database);
  const path = blobs.path(backup);
  const work = workFolder(folder);
  try {
    const staged = join(work, databasePart);
    await unpack(library, path, staged);
    const kept = await keepLibrary(database, folder, work);
    exchange(database, staged, kept);
    return { kept };
  } catch (error) {
    throw backupError(error, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Where the rows cannot be exchanged, what was kept is here still, and not needed twice. */
function exchange(database: WritableDatabase, staged: string, kept: string): void {
  try {
    requireIdle(database);
    replaceRows(database, staged);
  } catch (error) {
    rmSync(kept, { recursive: true, force: true });
    throw error;
  }
}

function requireIdle(database: ReadableDatabase): void {
  const sql = "SELECT title FROM jobs WHERE state = 'running' LIMIT 1";
  const job = database.prepare<[], { title: string }>(sql).get();
  if (job) throw new InputError(`"${job.title}" is running; pause it before restoring a backup`);
}

/** Checks all of a backup and brings its files into the store and its database to a path. */
async function unpack(library: LibraryParts, path: string, staged: string): Promise<void> {
  const file = new BackupFile(path);
  try {
    await requireSpace(library.folder, file.bytes());
    await unpackDatabase(file, staged);
    checkDatabase(staged);
    await unpackFiles(file, staged, library.blobs);
  } finally {
    file.close();
  }
}

/** What is wrong with the backup is said of the backup; what is wrong with the disk, of the library. */
function backupError(error: unknown, folder: string): unknown {
  const say = (reason: string) =>
    new InputError(`The backup cannot be restored: ${reason}. The library was not changed`, {
      cause: error,
    });
  if (error instanceof InputError) return say(error.message.replace(/\.$/, ''));
  const code = codeOf(error) ?? '';
  if (/^SQLITE_(CORRUPT|NOTADB|CONSTRAINT|ERROR|MISMATCH)/.test(code)) return say('it is damaged');
  return clearError(error, folder);
}

async function unpackDatabase(file: BackupFile, path: string): Promise<void> {
  const part = file.part(databasePart);
  const hash = createHash('sha256');
  const hashed = async function* () {
    for await (const chunk of file.content(part)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.from(hashed()), createWriteStream(path, { flags: 'wx' }));
  if (hash.digest('hex') !== part.hash) throw new InputError('its database is damaged');
}

/** Tables, indexes and triggers are the ones that the migrations make; then it is brought to the newest version. */
function checkDatabase(path: string): void {
  const migrations = readMigrations();
  checkHeader(path, migrations.length);
  const untrusted = openUntrusted(path);
  try {
    const known = migrations.slice(0, versionOf(untrusted));
    if (known.length === 0 || schemaOf(untrusted) !== schemaAfter(known)) {
      throw new InputError("its tables are not those of Tessera's library");
    }
    const whole = untrusted.pragma('quick_check(1)', { simple: true }) === 'ok';
    const broken = untrusted.pragma('foreign_key_check', { simple: true });
    if (!whole || broken !== undefined) throw new InputError('its database is damaged');
  } finally {
    untrusted.close();
  }
  const staged = openWritable(path);
  try {
    migrate(staged, migrations);
  } finally {
    staged.close();
  }
}

function schemaOf(database: ReadableDatabase): string {
  const sql = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name';
  return JSON.stringify(database.prepare(sql).all());
}

function schemaAfter(migrations: Parameters<typeof migrate>[1]): string {
  const fresh = new Database(':memory:') as WritableDatabase;
  try {
    migrate(fresh, migrations);
    return schemaOf(fresh);
  } finally {
    fresh.close();
  }
}

async function unpackFiles(file: BackupFile, path: string, blobs: BlobStore): Promise<void> {
  const staged = openWritable(path);
  try {
    await validateRecords(staged);
    const hashes = staged.prepare<[], BlobHash>('SELECT hash FROM blobs').pluck().all();
    for (const hash of hashes) await unpackFile(file, hash, blobs);
  } finally {
    staged.close();
  }
}

async function unpackFile(file: BackupFile, hash: BlobHash, blobs: BlobStore): Promise<void> {
  const part = file.part(hash);
  if (blobs.has(hash)) return;
  const kept = await blobs.receive(Readable.from(file.content(part)), { limit: part.bytes });
  if (kept.hash !== hash) throw new InputError(`its file ${hash.slice(0, 12)}... is damaged`);
}
