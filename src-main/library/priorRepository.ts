import { InputError } from '../../src-shared/inputError.ts';
import type { LayoutPrior } from '../../src-shared/layout.ts';
import type { StoredPrior } from '../../src-shared/storedPrior.ts';
import { newId, statementCache, type WritableDatabase } from './database.ts';

export interface PriorRepository {
  /** The newest first. */
  list(): StoredPrior[];
  save(name: string, prior: LayoutPrior): StoredPrior;
  /** @throws InputError where the library does not have it */
  remove(id: string): void;
}

export function createPriorRepository(database: WritableDatabase): PriorRepository {
  const prepare = statementCache(database);
  return {
    list() {
      const sql = 'SELECT id, name, created_at AS createdAt, prior FROM priors ORDER BY key DESC';
      const rows = prepare<Omit<StoredPrior, 'prior'> & { prior: string }>(sql).all();
      return rows.map((row) => ({ ...row, prior: JSON.parse(row.prior) }));
    },
    save(name, prior) {
      const stored = { id: newId(), name, createdAt: Date.now(), prior };
      prepare('INSERT INTO priors (id, name, created_at, prior) VALUES (?, ?, ?, ?)').run(
        ...[stored.id, name, stored.createdAt, JSON.stringify(prior)],
      );
      return stored;
    },
    remove(id) {
      const { changes } = prepare('DELETE FROM priors WHERE id = ?').run(id);
      if (changes === 0)
        throw new InputError(`The library does not have the layouts ${id} any more`);
    },
  };
}
