import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { InputError } from '../../src-shared/inputError.ts';

declare const writable: unique symbol;

/** A database that is only asked. */
export type ReadableDatabase = Database.Database;
/** The connection that may change it: there is one. */
export type WritableDatabase = Database.Database & { readonly [writable]: true };

/** Where a library's database lies. */
export const databasePath = (folder: string): string => join(folder, 'library.sqlite');

/** SQLite's cache, in KiB. */
const cacheSize = 64 * 1024;

/**
 * Opens a database for reading and writing, and makes it where there is none. Its commits are on disk when they return
 * (write-ahead log, synchronous FULL); see {@link relaxed}.
 */
export function openWritable(path: string): WritableDatabase {
  const database = new Database(path, { timeout: 5000 });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('trusted_schema = OFF');
    database.pragma(`cache_size = -${cacheSize}`);
    return database as WritableDatabase;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens a database of which nothing is believed: no views or triggers of it run functions, and nothing is written. */
export function openUntrusted(path: string): ReadableDatabase {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  database.pragma('trusted_schema = OFF');
  database.pragma('cell_size_check = ON');
  database.pragma('query_only = ON');
  return database;
}

/**
 * Runs writes that may be lost where the power fails, though not by a crash of the program: they wait for no disk. The
 * database stays whole in any case.
 */
export function relaxed<Result>(database: WritableDatabase, write: () => Result): Result {
  if (database.inTransaction) return write();
  database.pragma('synchronous = NORMAL');
  try {
    return write();
  } finally {
    database.pragma('synchronous = FULL');
  }
}

/** All of it or nothing. */
export function transact<Result>(database: WritableDatabase, write: () => Result): Result {
  return database.transaction(write).immediate();
}

type Statements = Map<string, Database.Statement<unknown[], unknown>>;

const statements = new WeakMap<ReadableDatabase, Statements>();

/** Prepares each statement of a connection once, at its first use. */
export function statementCache(database: ReadableDatabase) {
  const prepared: Statements = statements.get(database) ?? new Map();
  statements.set(database, prepared);
  return <Row>(sql: string): Database.Statement<unknown[], Row> => {
    const statement = prepared.get(sql) ?? database.prepare<unknown[], unknown>(sql);
    prepared.set(sql, statement);
    return statement as Database.Statement<unknown[], Row>;
  };
}

export const newId = (): string => randomUUID();

/** @throws InputError that names the first of the files that the library does not have */
export function requireFiles(
  database: ReadableDatabase,
  hashes: readonly (string | null | undefined)[],
): void {
  const wanted = hashes.filter((hash) => typeof hash === 'string');
  const sql = `SELECT value AS hash FROM json_each(?) WHERE value NOT IN (SELECT hash FROM blobs) LIMIT 1`;
  const missing = statementCache(database)<{ hash: string }>(sql).get(JSON.stringify(wanted));
  if (!missing) return;
  throw new InputError(
    `The library does not have the file ${missing.hash.slice(0, 12)}... any more; add it again`,
  );
}

/** JSON of a column that may be empty. */
export function toJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** The value of a column that {@link toJson} wrote. */
export function fromJson<Value>(text: string | null): Value | undefined {
  return text === null ? undefined : JSON.parse(text);
}

/** Float32 as bytes, without a copy. */
export function toBytes(rows: Float32Array): Uint8Array {
  return new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
}

/** Copies: SQLite's bytes may lie at any address. */
export function toFloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** Without the fields that are undefined: a record as the contract's parser gives it. */
export function withoutUndefined<Item extends object>(record: Item): Item {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as Item;
}
