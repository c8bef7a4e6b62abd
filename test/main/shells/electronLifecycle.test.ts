import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { showIconProgress } from '../../../src-main/main/iconProgress.ts';
import {
  askBeforeQuitting,
  becomeTheOnlyOne,
  followWindows,
  quitGracefully,
} from '../../../src-main/main/lifecycle.ts';
import { appId, tellEnds } from '../../../src-main/main/notices.ts';
import { watchJobs } from '../../../src-main/main/runningJobs.ts';
import { showScreen } from '../../../src-main/main/screens.ts';
import { followTheme } from '../../../src-main/main/theme.ts';
import { stayAwake } from '../../../src-main/main/wakefulness.ts';
import type { JobStatus } from '../../../src-shared/jobRecord.ts';
import * as electron from './electronStandIn.ts';
import { openElectron } from './openElectron.ts';

vi.mock('electron', () => import('./electronStandIn.ts'));

const { studio, opened } = openElectron();

const settled = () => new Promise((done) => setImmediate(done));
const notEnding = { hasBegun: false };

function jobIn(state: JobStatus['state'], id = '00000000-0000-4000-8000-000000000001'): JobStatus {
  const job = { id, kind: 'train', title: 'Training <bruno>', state } as const;
  return { ...job, priority: 0, device: 'cpu', createdAt: 0, notes: [] };
}

beforeEach(() => {
  studio.jobs.length = 0;
});

describe('the program', () => {
  test('is the only one of its user', () => {
    electron.app.hasLock = false;
    expect(becomeTheOnlyOne()).toBe(false);
    expect(electron.app.quits).toBe(1);
    electron.app.hasLock = true;
    expect(becomeTheOnlyOne()).toBe(true);
  });

  test('that is started once more shows its window, or opens one', () => {
    followWindows(() => void opened(), notEnding);
    electron.app.emit('second-instance');
    const [window] = electron.BrowserWindow.all;
    expect(window?.calls).toEqual([]);
    electron.app.emit('second-instance');
    expect(window?.calls).toEqual(['restore', 'show', 'focus']);
    expect(electron.BrowserWindow.all).toHaveLength(1);
  });

  test('that is started once more while it ends starts again, once', async () => {
    const closed = Promise.withResolvers<void>();
    followWindows(
      () => void opened(),
      quitGracefully(() => closed.promise),
    );
    electron.app.quit();
    electron.app.emit('second-instance');
    electron.app.emit('second-instance');
    expect(electron.app.relaunches).toHaveLength(1);
    expect(electron.BrowserWindow.all).toEqual([]);
    closed.resolve();
    await settled();
  });

  test('ends after its last window, and opens one where it is called', () => {
    followWindows(() => void opened(), notEnding);
    electron.app.emit('window-all-closed');
    expect(electron.app.quits).toBe(process.platform === 'darwin' ? 0 : 1);
    electron.app.emit('activate');
    electron.app.emit('activate');
    expect(electron.BrowserWindow.all).toHaveLength(1);
  });

  test('ends only after a running job has stopped where it can go on', async () => {
    const stopped = Promise.withResolvers<void>();
    const close = vi.fn(() => stopped.promise);
    quitGracefully(close);
    const [first, second] = [electron.event(), electron.event()];
    electron.app.emit('will-quit', first);
    electron.app.emit('will-quit', second);
    expect([first.defaultPrevented, second.defaultPrevented]).toEqual([true, true]);
    expect(close).toHaveBeenCalledOnce();
    await new Promise((done) => setImmediate(done));
    expect(electron.app.quits).toBe(0);
    stopped.resolve();
    await vi.waitFor(() => expect(electron.app.quits).toBe(1));
    const last = electron.event();
    electron.app.emit('will-quit', last);
    expect(last.defaultPrevented).toBe(false);
  });

  test('ends though its library fails to close', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    quitGracefully(async () => {
      throw new Error('the disk is full');
    });
    electron.app.emit('will-quit', electron.event());
    await vi.waitFor(() => expect(electron.app.quits).toBe(1));
    expect(logged).toHaveBeenCalledOnce();
    logged.mockRestore();
  });
});

describe('while a job runs', () => {
  const ready = async () => {
    studio.jobs.push(jobIn('running'));
    const jobs = await watchJobs(studio);
    askBeforeQuitting(jobs);
    followWindows(() => void opened(), notEnding);
  };

  afterEach(() => {
    electron.dialog.response = 0;
  });

  test('the user is asked once before the program quits', async () => {
    await ready();
    electron.dialog.response = 1;
    electron.app.quit();
    electron.app.quit();
    await settled();
    expect(electron.app.quits).toBe(0);
    expect(electron.dialog.shown).toEqual([
      [expect.objectContaining({ message: 'Training <bruno>: still running' })],
    ]);
    electron.dialog.response = 0;
    electron.app.quit();
    await settled();
    expect(electron.app.quits).toBe(1);
  });

  test.runIf(process.platform !== 'darwin')('the last window asks before it closes', async () => {
    await ready();
    electron.dialog.response = 1;
    const [first, last] = [opened(), opened()];
    first.close();
    expect(electron.dialog.shown).toEqual([]);
    last.close();
    await settled();
    expect(electron.BrowserWindow.all).toEqual([last]);
    expect(electron.dialog.shown[0]?.[0]).toBe(last);
    studio.emit({ type: 'job', job: jobIn('done') });
    last.close();
    expect(electron.BrowserWindow.all).toEqual([]);
    expect(electron.app.quits).toBe(1);
  });

  test('the end of the system and of a terminal wait for no answer', async () => {
    await ready();
    electron.powerMonitor.emit('shutdown');
    expect(electron.app.quits).toBe(1);
    process.emit('SIGTERM');
    expect(electron.app.quits).toBe(2);
    expect(electron.dialog.shown).toEqual([]);
  });

  test('the machine stays awake', async () => {
    studio.jobs.push(jobIn('running'), jobIn('queued', '00000000-0000-4000-8000-000000000002'));
    const { started } = electron.powerSaveBlocker;
    stayAwake(await watchJobs(studio));
    expect([...started.values()]).toEqual(['prevent-app-suspension']);
    studio.emit({ type: 'job', job: jobIn('running') });
    expect(started.size).toBe(1);
    studio.emit({ type: 'job', job: jobIn('paused') });
    expect(started.size).toBe(0);
    studio.emit({ type: 'job', job: jobIn('running') });
    expect(started.size).toBe(1);
    studio.emit({ type: 'job', job: jobIn('failed') });
    expect(started.size).toBe(0);
  });
});

test('the icon of the program shows how far a job is, and nothing when none runs', () => {
  showIconProgress(studio);
  const window = opened();
  const id = '00000000-0000-4000-8000-000000000077';
  const at = (step: number) => ({
    ...jobIn('running', id),
    progress: { phase: 'training', step, total: 1000, memory: 0 },
  });
  for (const step of [100, 101, 500]) studio.emit({ type: 'job', job: at(step) });
  studio.emit({ type: 'job', job: jobIn('paused', id) });
  expect(window.bars).toEqual([0.1, 0.5, -1]);
});

describe('the end of a training', () => {
  const { shown } = electron.Notification;
  const told = async (job: JobStatus) => {
    studio.emit({ type: 'job', job });
    await settled();
  };
  // Each its own: what was told of a job is not told again.
  let jobs = 0;
  const newId = () => `00000000-0000-4000-8000-${String(++jobs + 100).padStart(12, '0')}`;

  beforeAll(() => tellEnds(studio, (path) => showScreen(() => void opened(), path)));
  beforeEach(() => {
    shown.length = 0;
    electron.BrowserWindow.isBehind = true;
  });
  afterAll(() => {
    electron.BrowserWindow.isBehind = false;
  });

  test('is told once by the system, and leads to what came of it', async () => {
    const window = opened();
    const id = newId();
    for (const state of ['running', 'done', 'done'] as const) await told(jobIn(state, id));
    expect(shown.map(({ options }) => options)).toEqual([{ title: 'Training <bruno> is done' }]);
    shown[0]!.emit('click');
    expect(window.calls).toEqual(['restore', 'show', 'focus']);
    expect(window.webContents.sent).toEqual([
      { channel: 'tessera:navigate', value: `/trainings/${id}` },
    ]);
  });

  test('that failed says why', async () => {
    const error = { message: 'The disk is full', advice: 'Free space' };
    await told({ ...jobIn('failed', newId()), error });
    expect(shown[0]?.options).toEqual({
      title: 'Training <bruno> failed',
      body: 'The disk is full',
    });
  });

  test('is not told where it is seen, not wanted, or the user made it', async () => {
    electron.BrowserWindow.isBehind = false;
    opened();
    await told(jobIn('done', newId()));
    electron.BrowserWindow.isBehind = true;
    studio.settings.notices = false;
    await told(jobIn('done', newId()));
    studio.settings.notices = true;
    await told(jobIn('cancelled', newId()));
    electron.Notification.supported = false;
    await told(jobIn('done', newId()));
    electron.Notification.supported = true;
    expect(shown).toEqual([]);
  });

  test('comes to Windows from the program that was installed', () => {
    const config = readFileSync(resolve('electron-builder.yml'), 'utf8');
    expect(config).toMatch(new RegExp(`^appId: ${appId}$`, 'm'));
  });
});

describe('a page whose process has died', () => {
  const die = async (window: electron.BrowserWindow, reason = 'crashed') => {
    window.webContents.emit('render-process-gone', electron.event(), { reason, exitCode: 1 });
    await settled();
    await settled();
  };

  test('is loaded anew, and after the third time only when asked to', async () => {
    const window = opened();
    for (let deaths = 1; deaths <= 3; deaths++) {
      await die(window, 'oom');
      expect(window.webContents.reloads).toBe(deaths);
    }
    expect(electron.dialog.shown).toEqual([]);
    await die(window);
    expect(electron.dialog.shown).toHaveLength(1);
    expect(window.webContents.reloads).toBe(4);
    electron.dialog.response = 1;
    await die(window);
    electron.dialog.response = 0;
    expect(window.isDestroyed()).toBe(true);
  });

  test('with its window is left alone', async () => {
    const window = opened();
    window.destroy();
    await die(window, 'killed');
    expect(window.webContents.reloads).toBe(0);
  });
});

test('dialogs and empty windows have the colours that were chosen', async () => {
  studio.settings.theme = 'dark';
  await followTheme(studio);
  expect(electron.nativeTheme.themeSource).toBe('dark');
  studio.settings.theme = 'light';
  studio.emit({ type: 'changed', what: 'settings' });
  await settled();
  expect(electron.nativeTheme.themeSource).toBe('light');
});
