import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { lockContents, lockSession } from '../../../src-main/main/lockdown.ts';
import { registerScheme, serveProtocol } from '../../../src-main/main/protocol.ts';
import { paper } from '../../../src-main/main/window.ts';
import { createFiles } from '../../../src-main/shell/files.ts';
import * as electron from './electronStandIn.ts';
import { openElectron } from './openElectron.ts';

vi.mock('electron', () => import('./electronStandIn.ts'));

const { studio, opened } = openElectron();

describe('a window', () => {
  test('has nothing of Node, a sandbox and a world of its own', () => {
    const { options, address } = opened();
    expect(address).toBe('tessera://app/');
    expect(options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    });
    expect(options.webPreferences?.preload).toMatch(/preload\.cjs$/);
  });

  test('is shown only once there is something to see', () => {
    const window = opened();
    expect(window.options.show).toBe(false);
    window.emit('ready-to-show');
    expect(window.calls).toEqual(['show']);
  });
});

test('an empty window has the colour of the page', () => {
  const styles = readFileSync(resolve('src-renderer/ui/styles.css'), 'utf8');
  const colours = [...styles.matchAll(/--color-paper: (#\w+);/g)].map(([, colour]) => colour);
  expect([paper.light, paper.dark]).toEqual(colours);
  electron.nativeTheme.shouldUseDarkColors = true;
  expect(opened().options.backgroundColor).toBe(paper.dark);
  electron.nativeTheme.shouldUseDarkColors = false;
  expect(opened().options.backgroundColor).toBe(paper.light);
});

describe('a page', () => {
  test.each([
    ['will-navigate', 'https://evil.example/', true],
    ['will-navigate', 'file:///etc/passwd', true],
    ['will-navigate', 'tessera://other/', true],
    ['will-navigate', 'tessera://app/library', false],
    ['will-redirect', 'tessera://app/', true],
    ['will-attach-webview', '', true],
  ])('%s to %s: prevented %s', (name, url, prevented) => {
    lockContents();
    const navigation = electron.event({ url });
    opened().webContents.emit(name, navigation);
    expect(navigation.defaultPrevented).toBe(prevented);
  });

  test('holds no frames of others, and opens no windows', () => {
    lockContents();
    const { webContents } = opened();
    const frame = electron.event({ url: 'tessera://app/', isMainFrame: false });
    webContents.emit('will-frame-navigate', frame);
    expect(frame.defaultPrevented).toBe(true);
    expect(webContents.openHandler?.({ url: 'tessera://app/' })).toEqual({ action: 'deny' });
  });
});

describe('a session', () => {
  const locked = () => {
    const session = new electron.Session();
    // The stand-in has what the shell uses of a session, and no more.
    lockSession(session as unknown as Parameters<typeof lockSession>[0]);
    return session;
  };
  const ask = (name: string, ...given: unknown[]) =>
    (locked().handlers[name] as (...given: unknown[]) => unknown)(...given);

  test.each([
    ['media', 'tessera://app/', false],
    ['geolocation', 'tessera://app/', false],
    ['notifications', 'tessera://app/', false],
    ['openExternal', 'tessera://app/', false],
    ['clipboard-read', 'tessera://app/', false],
    ['clipboard-sanitized-write', 'tessera://app/', true],
    ['clipboard-sanitized-write', 'https://evil.example/', false],
  ])('%s for %s: %s', (permission, address, granted) => {
    const answer = vi.fn();
    ask('request', { getURL: () => address }, permission, answer);
    expect(answer).toHaveBeenCalledWith(granted);
    expect(ask('check', null, permission, address)).toBe(granted);
    expect(ask('device', {})).toBe(false);
  });

  test.each([
    ['https://example.com/', true],
    ['http://127.0.0.1:80/', true],
    ['ws://example.com/', true],
    ['file:///etc/passwd', true],
    ['ftp://example.com/', true],
    ['tessera://app/', false],
    ['blob:tessera://app/1', false],
    ['data:image/png;base64,', false],
  ])('lets no request out: %s cancelled %s', (url, cancel) => {
    const answer = vi.fn();
    ask('beforeRequest', { url }, answer);
    expect(answer).toHaveBeenCalledWith({ cancel });
  });

  test('downloads only files of the library', () => {
    const session = locked();
    const download = (url: string) => {
      const event = electron.event();
      session.emit('will-download', event, { getURLChain: () => [url] });
      return event.defaultPrevented;
    };
    expect(download('tessera://app/blobs/a?name=a.png')).toBe(false);
    expect(download('https://evil.example/a.exe')).toBe(true);
  });
});

describe('the protocol', () => {
  const page = {
    index: (nonce: string) => `<meta nonce="${nonce}">`,
    files: new Map([['/assets/a.js', { type: 'text/javascript', bytes: Uint8Array.of(32) }]]),
  };
  const fetchPage = (address: string, init?: RequestInit) =>
    electron.protocol.handlers.tessera!(new Request(address, init));

  beforeAll(() => {
    registerScheme();
    serveProtocol(createFiles({ page, blobs: studio.blobs, freeBytes: async () => 100 }));
  });

  test('is one like https', () => {
    expect(electron.protocol.schemes).toEqual([
      {
        scheme: 'tessera',
        privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
      },
    ]);
  });

  test('serves the page with a strict policy', async () => {
    const answer = await fetchPage('tessera://app/');
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-/);
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect((await fetchPage('tessera://app/assets/a.js')).status).toBe(200);
  });

  test('serves no other host and no other file', async () => {
    expect((await fetchPage('tessera://evil/')).status).toBe(404);
    expect((await fetchPage('tessera://app/../../etc/passwd.txt')).status).toBe(404);
    expect((await fetchPage('tessera://app/main.js')).status).toBe(404);
  });

  test('takes files and gives them back', async () => {
    const sent = await fetchPage('tessera://app/blobs', { method: 'POST', body: 'hello' });
    const { hash } = (await sent.json()) as { hash: string };
    const answer = await fetchPage(`tessera://app/blobs/${hash}`);
    expect(await answer.text()).toBe('hello');
    const large = await fetchPage('tessera://app/blobs', {
      method: 'POST',
      body: 'x'.repeat(101),
    });
    expect(large.status).toBe(422);
  });
});
