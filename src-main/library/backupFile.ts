import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import Database from 'better-sqlite3';
import { blobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { openUntrusted, type ReadableDatabase } from './database.ts';
import { flushFile } from './durableFiles.ts';

/**
 * A backup is one file: a SQLite database that holds the library's database and its files in chunks. SQLite limits a value
 * to 1 GB, and a concept file may be larger.
 */

/** "TESB" */
const applicationId = 0x54455342;
const formatVersion = 1;
const chunkBytes = 2 ** 20;
/** Name of the part that is the library's database; the others are named by their hash. */
export const databasePart = 'library.sqlite';

const tables = [
  `CREATE TABLE parts (
  key INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL
) STRICT`,
  `CREATE TABLE chunks (
  part INTEGER NOT NULL,
  position INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (part, position)
) STRICT`,
];

export interface BackupPart {
  readonly key: number;
  readonly name: string;
  readonly hash: string;
  readonly bytes: number;
}

/**
 * Writes a backup file of these parts, chunk by chunk, so that other work gets its turn.
 *
 * @param onBytes hears how many bytes of all parts are in it; what it throws ends the writing
 */
export async function writeBackupFile(
  path: string,
  parts: Iterable<{ readonly name: string; readonly path: string }>,
  onBytes: (written: number) => void,
): Promise<void> {
  const file = new Database(path);
  try {
    file.pragma('journal_mode = OFF'); // nobody needs half a backup
    file.pragma('synchronous = OFF');
    file.pragma(`application_id = ${applicationId}`);
    file.pragma(`user_version = ${formatVersion}`);
    for (const table of tables) file.exec(table);
    let written = 0;
    for (const part of parts) {
      await writePart(file, part, (bytes) => {
        written += bytes;
        onBytes(written);
      });
    }
  } finally {
    file.close();
  }
  flushFile(path);
}

async function writePart(
  file: Database.Database,
  { name, path }: { readonly name: string; readonly path: string },
  onChunk: (bytes: number) => void,
): Promise<void> {
  const insertPart = file.prepare('INSERT INTO parts (name, hash, bytes) VALUES (?, ?, ?)');
  const insertChunk = file.prepare('INSERT INTO chunks (part, position, content) VALUES (?, ?, ?)');
  const key = insertPart.run(name, '', 0).lastInsertRowid;
  const hash = createHash('sha256');
  let bytes = 0;
  let position = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    hash.update(chunk);
    bytes += chunk.length;
    insertChunk.run(key, position++, chunk);
    onChunk(chunk.length);
  }
  const digest = hash.digest('hex');
  if (name !== databasePart && name !== digest) {
    throw new InputError(
      `The library's file ${name.slice(0, 12)}... is damaged, so that no whole backup can be made. Restore an older backup`,
    );
  }
  file.prepare('UPDATE parts SET hash = ?, bytes = ? WHERE key = ?').run(digest, bytes, key);
}

/** A backup file that is read. Nothing in it is believed. */
export class BackupFile {
  readonly #file: ReadableDatabase;

  /** @throws InputError where it is no backup, or one of a newer version */
  constructor(path: string) {
    this.#file = openUntrusted(path);
    try {
      checkFormat(this.#file);
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** Bytes of all parts together. */
  bytes(): number {
    const sql = 'SELECT coalesce(sum(bytes), 0) AS bytes FROM parts WHERE bytes >= 0';
    return this.#file.prepare<[], { bytes: number }>(sql).get()!.bytes;
  }

  /** @throws InputError where it is not there, or cannot be */
  part(name: string): BackupPart {
    const sql = 'SELECT key, name, hash, bytes FROM parts WHERE name = ?';
    const part = this.#file.prepare<[string], BackupPart>(sql).get(name);
    if (!part || part.bytes < 0 || !blobHash.safeParse(part.hash).success) {
      throw new InputError(`the part ${name.slice(0, 20)} is missing`);
    }
    return part;
  }

  /** What is in a part, in order. The caller checks its hash. @throws InputError where it is not of its size */
  async *content({ key, name, bytes }: BackupPart): AsyncGenerator<Uint8Array> {
    const length = this.#file
      .prepare<[number, number], number>(
        'SELECT length(content) FROM chunks WHERE part = ? AND position = ?',
      )
      .pluck();
    const read = this.#file
      .prepare<[number, number], Uint8Array>(
        'SELECT content FROM chunks WHERE part = ? AND position = ?',
      )
      .pluck();
    for (let position = 0, done = 0; done < bytes; position++) {
      const size = length.get(key, position) ?? 0;
      if (size < 1 || size > chunkBytes || done + size > bytes) {
        throw new InputError(`the part ${name.slice(0, 20)} breaks off after ${done} bytes`);
      }
      yield read.get(key, position)!;
      done += size;
    }
  }

  close(): void {
    this.#file.close();
  }
}

function checkFormat(file: ReadableDatabase): void {
  if (file.pragma('application_id', { simple: true }) !== applicationId) {
    throw new InputError("it is not a backup of Tessera's library");
  }
  const version = Number(file.pragma('user_version', { simple: true }));
  if (version > formatVersion) {
    throw new InputError('it was made by a newer version of Tessera; install that version');
  }
  const found = file
    .prepare<[], string>(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
    )
    .pluck()
    .all();
  if (found.join() !== tables.join()) throw new InputError('its tables are not those of a backup');
}
