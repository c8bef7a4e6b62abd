import { expect, test } from 'vitest';
import { browserCommand, type System } from '../../../src-main/serve/browser.ts';

const link = 'http://127.0.0.1:4780/?key=x';

function system(
  platform: NodeJS.Platform,
  programs: readonly string[],
  environment: NodeJS.ProcessEnv = { DISPLAY: ':0', PATH: '/usr/local/bin:/usr/bin' },
): System {
  return { platform, environment, exists: (path) => programs.includes(path) };
}

test('a browser of the Chromium family opens a window without an address bar', () => {
  const linux = system('linux', ['/usr/bin/google-chrome', '/usr/bin/microsoft-edge']);
  expect(browserCommand(link, linux)).toEqual({
    program: '/usr/bin/google-chrome',
    options: [`--app=${link}`],
  });
  const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
  const windows = system('win32', [edge], { 'ProgramFiles(x86)': 'C:\\Program Files (x86)' });
  expect(browserCommand(link, windows)?.program).toBe(edge);
  const chrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  expect(browserCommand(link, system('darwin', [chrome], {}))?.program).toBe(chrome);
});

test("otherwise the user's own browser opens", () => {
  expect(browserCommand(link, system('linux', []))?.program).toBe('xdg-open');
  expect(browserCommand(link, system('darwin', []))?.program).toBe('open');
  expect(browserCommand(link, system('win32', []))).toEqual({
    program: 'rundll32',
    options: ['url.dll,FileProtocolHandler', link],
  });
});

test('without a screen nothing is opened', () => {
  const server = system('linux', ['/usr/bin/chromium'], { PATH: '/usr/bin' });
  expect(browserCommand(link, server)).toBeUndefined();
});
