import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLibrary } from '../../../src-main/library/library.ts';
import type { ShellMessage } from '../../../src-shared/shellProtocol.ts';
import type { StudioCallName, StudioInput, StudioOutput } from '../../../src-shared/studioApi.ts';
import * as electron from './electronStandIn.ts';

vi.mock('electron', () => import('./electronStandIn.ts'));

/** The whole Electron shell, with the real studio behind it. */

let folder: string;
let window: electron.BrowserWindow;
let lastId = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-main-'));
  vi.stubEnv('TESSERA_LIBRARY', folder);
  electron.utilityProcess.fork = (path) => {
    const started = fork(resolve(import.meta.dirname, 'utilityChild.ts'), [path], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    return Object.assign(started, {
      postMessage: (message: Parameters<typeof started.send>[0]) => started.send(message),
    });
  };
  await import('../../../src-main/main.ts');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const messages = () => window.webContents.sent.map(({ value }) => value as ShellMessage);

function say(channel: string, value?: unknown): void {
  const { webContents } = window;
  const event = { sender: webContents, senderFrame: webContents.mainFrame };
  electron.ipcMain.listeners[channel]!(event, value);
}

async function call<Name extends StudioCallName>(name: Name, input: StudioInput<Name>) {
  const id = ++lastId;
  say('tessera:message', { kind: 'call', id, name, input });
  const answer = await vi.waitUntil(
    () =>
      messages().find((one) => one.kind !== 'event' && one.kind !== 'progress' && one.id === id),
    { timeout: 60_000 },
  );
  if (answer.kind !== 'result') throw new Error(JSON.stringify(answer));
  return answer.output as StudioOutput<Name>;
}

test('opens its window once it is ready, and answers it', async () => {
  expect(electron.BrowserWindow.all).toHaveLength(0);
  expect(electron.protocol.schemes).toHaveLength(1);
  electron.app.ready.resolve();
  await vi.waitUntil(() => electron.BrowserWindow.all.length === 1, { timeout: 30_000 });
  window = electron.BrowserWindow.all[0]!;
  say('tessera:hello');
  expect(await call('about', {})).toMatchObject({ shell: 'electron' });
  const page = await electron.protocol.handlers.tessera!(new Request('tessera://app/'));
  expect(await page.text()).toContain('<title>Tessera</title>');
  expect(electron.Menu.template.length).toBeGreaterThan(4);
  expect(Object.keys(electron.session.defaultSession.handlers)).toContain('beforeRequest');
});

test('quits only when a running training has been stopped, and keeps it', {
  timeout: 240_000,
}, async () => {
  const { models } = await call('listModels', {});
  const { samples } = await call('listSamples', {});
  const { photos, token, classWord, name } = samples[0]!;
  const { jobId } = await call('startTraining', {
    concept: { name, token, classWord },
    modelId: models[0]!.id,
    photos: photos.map((photo) => ({
      ...photo,
      crop: { left: 0, top: 0, side: Math.min(photo.width, photo.height) },
    })),
    settings: { method: 'textual-inversion', steps: 5000 },
    bothWays: false,
    previewEvery: 0,
  });
  await vi.waitUntil(
    () => messages().some((one) => one.kind === 'event' && one.event.type === 'trainingStep'),
    { timeout: 200_000 },
  );
  expect([...electron.powerSaveBlocker.started.values()]).toEqual(['prevent-app-suspension']);
  electron.app.quit();
  expect(electron.app.quits).toBe(0);
  expect(electron.dialog.shown).toMatchObject([
    [window, { message: `Training ${token}: still running` }],
  ]);
  await vi.waitUntil(() => electron.app.quits === 1);
  // Held until the studio is closed.
  await vi.waitUntil(() => electron.app.quits === 2, { timeout: 100_000 });

  await expect(readFile(join(folder, 'holder.json'))).rejects.toThrow('ENOENT');
  const library = await openLibrary(folder);
  const job = library.jobs.get(jobId);
  expect(job.state).toMatch(/^(queued|interrupted)$/);
  library.close();
});
