import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Opens the window in a browser that the system has. */

export interface System {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly exists: (path: string) => boolean;
}

export interface BrowserCommand {
  readonly program: string;
  readonly options: readonly string[];
}

const thisSystem: System = {
  platform: process.platform,
  environment: process.env,
  exists: existsSync,
};

/**
 * What opens a link: Chromium, Chrome or Edge in a window without an address bar, else the user's own browser.
 *
 * @returns undefined where there is no screen to show it on
 */
export function browserCommand(link: string, system: System = thisSystem) {
  const { platform, environment } = system;
  const hasScreen = environment.DISPLAY || environment.WAYLAND_DISPLAY;
  if (platform !== 'darwin' && platform !== 'win32' && !hasScreen) return undefined;
  const program = candidates(system).find(system.exists);
  if (program) return { program, options: [`--app=${link}`] };
  return defaultBrowser(link, platform);
}

/** @returns whether something was started */
export async function openWindow(link: string, system?: System): Promise<boolean> {
  const command = browserCommand(link, system);
  if (!command) return false;
  const started = spawn(command.program, command.options, { detached: true, stdio: 'ignore' });
  return new Promise((done) => {
    started.once('error', () => done(false));
    started.once('spawn', () => {
      started.unref();
      done(true);
    });
  });
}

function candidates({ platform, environment }: System): string[] {
  if (platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (platform === 'win32') {
    const { ProgramFiles, LOCALAPPDATA, 'ProgramFiles(x86)': programs32 } = environment;
    const roots = [ProgramFiles, programs32, LOCALAPPDATA].filter((root) => root !== undefined);
    const programs = [
      'Google\\Chrome\\Application\\chrome',
      'Microsoft\\Edge\\Application\\msedge',
    ];
    return programs.flatMap((name) => roots.map((root) => `${root}\\${name}.exe`));
  }
  const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...names, 'microsoft-edge', 'microsoft-edge-stable'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
}

function defaultBrowser(link: string, platform: NodeJS.Platform): BrowserCommand {
  if (platform === 'darwin') return { program: 'open', options: [link] };
  // Not "start", which is the shell's and reads the link.
  if (platform === 'win32') {
    return { program: 'rundll32', options: ['url.dll,FileProtocolHandler', link] };
  }
  return { program: 'xdg-open', options: [link] };
}
