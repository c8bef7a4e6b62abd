import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ReadableDatabase, WritableDatabase } from './database.ts';
import { flushFile, moveDurably } from './durableFiles.ts';

/** One step from a version of the database to the next. */
export interface Migration {
  /** The version it leads to: 1, 2, ... */
  readonly version: number;
  /** 0001-library.sql */
  readonly name: string;
  readonly sql: string;
}

const folder = join(import.meta.dirname, 'migrations');

/** All of them, in their order: the files of migrations/, numbered without gaps. */
export function readMigrations(): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name, index) => {
    const version = Number.parseInt(name, 10);
    if (version !== index + 1) throw new Error(`${name}: expected number ${index + 1}`);
    return { version, name, sql: readFileSync(join(folder, name), 'utf8') };
  });
}

export function versionOf(database: ReadableDatabase): number {
  return Number(database.pragma('user_version', { simple: true }));
}

/**
 * Brings a database to the newest version, a transaction per step: where one fails, the database stays at the version
 * before it. The version stands in the file's header afterwards, not only in the log.
 *
 * @param backups where a copy of the database is kept as it was before; none is made of a new one
 */
export function migrate(
  database: WritableDatabase,
  migrations: readonly Migration[],
  backups?: string,
): void {
  const version = versionOf(database);
  const ahead = migrations.filter((migration) => migration.version > version);
  if (ahead.length === 0) return;
  if (version > 0 && backups) copyDatabase(database, join(backups, `version-${version}.sqlite`));
  database.pragma('foreign_keys = OFF'); // so that a step may rebuild a table; all keys are checked at its end
  try {
    for (const migration of ahead) apply(database, migration);
  } finally {
    database.pragma('foreign_keys = ON');
  }
  database.pragma('wal_checkpoint(TRUNCATE)');
}

function apply(database: WritableDatabase, { version, name, sql }: Migration): void {
  const step = database.transaction(() => {
    database.exec(sql);
    const broken = database.pragma('foreign_key_check');
    if (Array.isArray(broken) && broken.length > 0) {
      throw new Error(`${name} leaves rows that refer to nothing`);
    }
    database.pragma(`user_version = ${version}`);
  });
  step.exclusive();
}

/** A copy of the database as it is now, whole or not at all. */
function copyDatabase(database: ReadableDatabase, path: string): void {
  const temporary = `${path}.tmp`;
  mkdirSync(dirname(path), { recursive: true });
  rmSync(temporary, { force: true });
  database.prepare('VACUUM INTO ?').run(temporary);
  flushFile(temporary); // VACUUM INTO does not
  moveDurably(temporary, path);
}
