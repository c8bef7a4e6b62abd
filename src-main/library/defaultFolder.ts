import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** What the place of the library depends on. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

const here = (): Surroundings => ({
  platform: process.platform,
  environment: process.env,
  home: homedir(),
});

/**
 * Where the library lies when nobody says otherwise: TESSERA_LIBRARY, or the system's place for a program's data
 * (on Linux by the XDG Base Directory Specification 0.8: a relative XDG_DATA_HOME does not count).
 */
export function defaultFolder({ platform, environment, home }: Surroundings = here()): string {
  if (environment.TESSERA_LIBRARY) return resolve(environment.TESSERA_LIBRARY);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Tessera');
  if (platform === 'win32') {
    return join(environment.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Tessera');
  }
  const data = environment.XDG_DATA_HOME;
  return join(data?.startsWith('/') ? data : join(home, '.local', 'share'), 'tessera');
}
