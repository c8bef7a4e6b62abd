import type { StudioSettings } from '../../src-shared/settings.ts';

export interface SettingsRepository {
  /** Defaults where nothing was chosen. */
  get(): StudioSettings;
  change(change: Partial<StudioSettings>): StudioSettings;
}
