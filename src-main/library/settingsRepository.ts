import { type StudioSettings, studioSettings } from '../../src-shared/settings.ts';
import { statementCache, transact, type WritableDatabase, withoutUndefined } from './database.ts';

export interface SettingsRepository {
  /** Defaults where nothing was chosen. */
  get(): StudioSettings;
  /** Fields that are absent stay. */
  change(change: Partial<StudioSettings>): StudioSettings;
}

/** The row with the studio's settings; fields that a later version wrote are passed over. */
const name = 'studio';

export function createSettingsRepository(database: WritableDatabase): SettingsRepository {
  const prepare = statementCache(database);

  function get(): StudioSettings {
    const sql = 'SELECT value FROM settings WHERE name = ?';
    const row = prepare<{ value: string }>(sql).get(name);
    const stored = studioSettings.safeParse(row ? JSON.parse(row.value) : {});
    return stored.success ? stored.data : studioSettings.parse({});
  }

  function change(changed: Partial<StudioSettings>): StudioSettings {
    const settings = studioSettings.parse({ ...get(), ...withoutUndefined(changed) });
    prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)').run(
      ...[name, JSON.stringify(settings)],
    );
    return settings;
  }

  return { get, change: (changed) => transact(database, () => change(changed)) };
}
