import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEngine } from '../../../src-main/engine/host.ts';
import { startUtilityEngine } from '../../../src-main/main/engineProcess.ts';
import { serveIpc } from '../../../src-main/main/ipc.ts';
import { menuTemplate } from '../../../src-main/main/menu.ts';
import { openWindow } from '../../../src-main/main/window.ts';
import type { WindowBridge } from '../../../src-shared/windowBridge.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import * as electron from './electronStandIn.ts';
import { openElectron } from './openElectron.ts';

vi.mock('electron', () => import('./electronStandIn.ts'));

const { studio, opened } = openElectron();
const { path, files } = temporaryFolder();

describe('messages', () => {
  const say = (channel: string, contents: electron.WebContents, value?: unknown, frame?: object) =>
    electron.ipcMain.listeners[channel]!(
      { sender: contents, senderFrame: frame === undefined ? contents.mainFrame : frame },
      value,
    );
  const call = (id: number, name = 'listTags') => ({ kind: 'call', id, name, input: {} });

  beforeAll(() => serveIpc(studio));
  beforeEach(() => {
    studio.calls.length = 0;
    studio.cancelled.length = 0;
  });

  test('go through four channels, and no other', () => {
    expect(Object.keys(electron.ipcMain.listeners)).toEqual(['tessera:hello', 'tessera:message']);
    expect(Object.keys(electron.ipcMain.handlers)).toEqual([
      ...['tessera:choose-model', 'tessera:save-pictures'],
    ]);
  });

  test('are answered, and windows hear events', async () => {
    const { webContents } = opened();
    say('tessera:hello', webContents);
    say('tessera:message', webContents, call(1));
    await vi.waitFor(() => expect(webContents.sent).toHaveLength(1));
    expect(webContents.sent[0]).toEqual({
      channel: 'tessera:answer',
      value: { kind: 'result', id: 1, output: { tags: [{ tag: 'cats', count: 2 }] } },
    });
    studio.emit({ type: 'changed', what: 'votes' });
    expect(webContents.sent[1]?.value).toMatchObject({ kind: 'event' });
    expect(studio.calls).toEqual([{ name: 'listTags', windowId: String(webContents.id) }]);
  });

  test('of frames, other pages and pages that are gone are not heard', async () => {
    const { webContents } = opened();
    say('tessera:hello', webContents);
    say('tessera:message', webContents, call(1), { url: 'tessera://app/' });
    say('tessera:message', webContents, call(1), null as unknown as object);
    webContents.mainFrame.url = 'https://evil.example/';
    say('tessera:message', webContents, call(1));
    webContents.mainFrame.url = 'tessera://evil/';
    say('tessera:message', webContents, call(1));
    const event = { sender: webContents, senderFrame: webContents.mainFrame };
    const { handlers } = electron.ipcMain;
    expect(() => handlers['tessera:choose-model']!(event, 'file')).toThrow('may not ask');
    await expect(handlers['tessera:save-pictures']!(event, [])).rejects.toThrow('may not ask');
    await new Promise((done) => setImmediate(done));
    expect(studio.calls).toEqual([]);
  });

  test('without sense end nothing', async () => {
    const { webContents } = opened();
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    say('tessera:hello', webContents);
    for (const message of [undefined, 'text', { kind: 'call' }, [1]]) {
      say('tessera:message', webContents, message);
    }
    say('tessera:message', webContents, call(1));
    await vi.waitFor(() => expect(webContents.sent).toHaveLength(1));
    expect(logged).toHaveBeenCalledTimes(4);
    logged.mockRestore();
  });

  test.each([
    ['is closed', (contents: electron.WebContents) => contents.emit('destroyed')],
    ['is reloaded', (contents: electron.WebContents) => say('tessera:hello', contents)],
    [
      'has died',
      (contents: electron.WebContents) =>
        contents.emit('render-process-gone', electron.event(), { reason: 'crashed' }),
    ],
  ])('cancel what a page waited for when it %s', async (_, end) => {
    const { webContents } = opened();
    say('tessera:hello', webContents);
    say('tessera:message', webContents, call(1, 'composePreview'));
    await vi.waitFor(() => expect(webContents.sent).toHaveLength(1));
    end(webContents);
    await vi.waitFor(() => expect(studio.cancelled).toEqual(['composePreview']));
    expect(webContents.sent).toHaveLength(1);
  });

  test('ask for the path of a model', async () => {
    const window = opened();
    const event = { sender: window.webContents, senderFrame: window.webContents.mainFrame };
    const choose = electron.ipcMain.handlers['tessera:choose-model']!;
    expect(await choose(event, 'file')).toBe('/models/one.safetensors');
    expect(electron.dialog.shown[0]?.[0]).toBe(window);
    expect(electron.dialog.shown[0]?.[1]).toMatchObject({ properties: ['openFile'] });
    electron.dialog.answer.canceled = true;
    expect(await choose(event, 'folder')).toBeUndefined();
    expect(electron.dialog.shown[1]?.[1]).toMatchObject({ properties: ['openDirectory'] });
    electron.dialog.answer.canceled = false;
  });
});

test('several pictures are saved in a folder that is asked for once', async () => {
  const { webContents } = opened();
  const event = { sender: webContents, senderFrame: webContents.mainFrame };
  const png = Buffer.from('\x89PNG\r\n\x1a\n and more', 'latin1');
  const { hash } = await studio.blobs.receive(Readable.from([png]), { limit: 100 });
  const pictures = [1, 2].map((seed) => ({ hash, name: `cat-seed-${seed}.png` }));
  const save = electron.ipcMain.handlers['tessera:save-pictures']!;
  const { answer, shown } = electron.dialog;
  const [model] = answer.filePaths.splice(0, 1, path('chosen'));
  mkdirSync(path('chosen'));
  expect(await save(event, pictures)).toEqual({ saved: 2 });
  expect(files('chosen')).toEqual(['cat-seed-1.png', 'cat-seed-2.png']);
  answer.canceled = true;
  expect(await save(event, pictures)).toBeUndefined();
  expect(shown).toHaveLength(2);
  Object.assign(answer, { canceled: false, filePaths: [model] });
});

describe('the preload', () => {
  test('gives the page six functions, and no event of Electron', async () => {
    await import('../../../src-main/preload.ts');
    expect(Object.keys(electron.contextBridge.exposed)).toEqual(['tessera']);
    const bridge = electron.contextBridge.exposed.tessera as WindowBridge;
    expect(Object.keys(bridge).sort()).toEqual([
      ...['chooseModel', 'onMessage', 'onNavigate', 'pathOf', 'savePictures', 'send'],
    ]);
    expect(electron.ipcRenderer.sent).toEqual([{ channel: 'tessera:hello', value: undefined }]);
    const listener = vi.fn();
    bridge.onMessage(listener);
    electron.ipcRenderer.listeners['tessera:answer']!({ sender: 'secret' }, { kind: 'event' });
    expect(listener).toHaveBeenCalledExactlyOnceWith({ kind: 'event' });
    expect(bridge.pathOf(new File([], 'model.safetensors'))).toBe('/dropped/model.safetensors');
  });
});

describe('the menu', () => {
  const labels = (platform: NodeJS.Platform) =>
    menuTemplate(platform, () => {}).map(({ role, label }) => role ?? label);

  test('is what each system expects', () => {
    expect(labels('linux')).toEqual([
      ...['fileMenu', 'editMenu', 'Go', 'viewMenu', 'windowMenu', 'help'],
    ]);
    expect(labels('darwin')[0]).toBe('appMenu');
  });

  test('has no key twice, and leads to screens', () => {
    const entries = menuTemplate('linux', () => {}).flatMap(({ submenu }) =>
      Array.isArray(submenu) ? submenu : [],
    );
    const keys = entries.flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toContain('CmdOrCtrl+N');
    const window = opened();
    const click = entries.find(({ label }) => label === 'Compose')?.click as unknown as (
      item: unknown,
      window: unknown,
    ) => void;
    click(undefined, window);
    expect(window.webContents.sent).toEqual([{ channel: 'tessera:navigate', value: '/compose' }]);
  });

  test('shows a screen in a window that is not at the front, else in a new one', () => {
    const clicked = (label: string) => {
      const [app] = menuTemplate('darwin', openWindow);
      const entries = app!.submenu as { label?: string; click?: (...given: unknown[]) => void }[];
      entries.find((entry) => entry.label === label)?.click?.(undefined, undefined);
    };
    clicked('Settings…');
    const [window] = electron.BrowserWindow.all;
    expect(window!.address).toBe('tessera://app/#/settings');
    clicked('Settings…');
    expect(window!.calls).toEqual(['restore', 'show', 'focus']);
    expect(window!.webContents.sent).toEqual([{ channel: 'tessera:navigate', value: '/settings' }]);
    expect(electron.BrowserWindow.all).toHaveLength(1);
  });
});

describe('the engine in a utility process', () => {
  const child = resolve(import.meta.dirname, 'utilityChild.ts');

  beforeAll(() => {
    electron.utilityProcess.fork = (path, _, options) => {
      electron.utilityProcess.started.push({ path, options });
      const started = fork(child, [path], {
        serialization: 'advanced',
        execArgv: [],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      return Object.assign(started, {
        postMessage: (message: Parameters<typeof started.send>[0]) => started.send(message),
      });
    };
  });

  test('answers, dies and is started again', async () => {
    const engine = createEngine({ startProcess: startUtilityEngine });
    const first = await engine.call('describeRuntime', {});
    expect(first.runtime).toMatch(/ONNX Runtime/);
    const { processId } = engine;
    process.kill(processId!, 'SIGKILL');
    await vi.waitFor(() => expect(engine.processId).toBeUndefined());
    await engine.call('describeRuntime', {});
    expect(engine.processId).not.toBe(processId);
    await engine.close();
    expect(electron.utilityProcess.started).toHaveLength(2);
    expect(electron.utilityProcess.started[0]).toMatchObject({
      path: expect.stringMatching(/worker\.ts$/),
      options: { stdio: ['ignore', 'ignore', 'pipe'], execArgv: [] },
    });
  });
});
