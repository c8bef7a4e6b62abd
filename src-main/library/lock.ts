import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import * as z from 'zod';
import { InputError } from '../../src-shared/inputError.ts';

/** A library that is open here, and nowhere else. */
export interface LibraryLock {
  /** Whether the process that had it before ended without closing it. */
  readonly afterCrash: boolean;
  release(): void;
}

const holder = z.object({ process: z.number(), since: z.string() });

const lockPath = (folder: string) => join(folder, 'lock');
const holderPath = (folder: string) => join(folder, 'holder.json');

/** Whether anybody has ever locked it: whoever has the library open has this file. */
export function hasLock(folder: string): boolean {
  return existsSync(lockPath(folder));
}

/**
 * Locks a library. The lock is SQLite's on an empty database, so it is one of the operating system: it ends with its
 * process, however that ends. The file must not be opened otherwise, as POSIX locks end with any close.
 *
 * @throws InputError that names the process which has the library open
 */
export function lockLibrary(folder: string): LibraryLock {
  const database = new Database(lockPath(folder), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') {
      throw new InputError(heldMessage(folder));
    }
    throw error;
  }
  const afterCrash = existsSync(holderPath(folder));
  return { afterCrash, release: () => database.close() };
}

/** Leaves word of who has the library open. */
export function nameHolder(folder: string): void {
  const entry = { process: process.pid, since: new Date().toISOString() };
  writeFileSync(holderPath(folder), JSON.stringify(entry));
}

/** It was closed as it should be. */
export function forgetHolder(folder: string): void {
  rmSync(holderPath(folder), { force: true });
}

function heldMessage(folder: string): string {
  const found = readHolder(folder);
  const who = found ? `process ${found.process}, since ${found.since}` : 'another process';
  return `The library ${folder} is open in another Tessera (${who}). Use its window, or close it first.`;
}

function readHolder(folder: string): z.infer<typeof holder> | undefined {
  try {
    return holder.parse(JSON.parse(readFileSync(holderPath(folder), 'utf8')));
  } catch {
    return undefined; // it is only for the message
  }
}
