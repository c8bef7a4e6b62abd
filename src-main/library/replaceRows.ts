import { type ReadableDatabase, transact, type WritableDatabase } from './database.ts';

/**
 * Exchanges the rows of all tables for those of another database of the same version, in one transaction. Files' rows
 * are not exchanged: those of the other database are in the store already, and the old ones go with the next collection.
 */
export function replaceRows(database: WritableDatabase, path: string): void {
  database.prepare('ATTACH ? AS restored').run(path);
  try {
    const tables = tableNames(database).filter((table) => table !== 'blobs');
    transact(database, () => {
      database.pragma('defer_foreign_keys = ON');
      for (const table of tables) database.exec(`DELETE FROM main."${table}"`);
      for (const table of tables) {
        const columns = columnNames(database, table).join(', ');
        database.exec(
          `INSERT INTO main."${table}" (${columns}) SELECT ${columns} FROM restored."${table}"`,
        );
      }
    });
  } finally {
    database.exec('DETACH restored');
  }
}

/** Without those of full-text search, which triggers keep. */
function tableNames(database: ReadableDatabase): string[] {
  const sql = `SELECT name FROM pragma_table_list
    WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'`;
  return database.prepare<[], string>(sql).pluck().all();
}

function columnNames(database: ReadableDatabase, table: string): string[] {
  const sql = "SELECT name FROM pragma_table_info(?, 'main')";
  const names = database.prepare<[string], string>(sql).pluck().all(table);
  return names.map((name) => `"${name}"`);
}
