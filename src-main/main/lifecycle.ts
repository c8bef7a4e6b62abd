import { app, BrowserWindow, powerMonitor } from 'electron';
import { askToStop } from './dialogs.ts';
import type { RunningJobs } from './runningJobs.ts';

/** Beginning and end of the program. */

/**
 * Makes this the only Tessera of the user: the library has one writer.
 *
 * @returns whether this one may go on
 */
export function becomeTheOnlyOne(): boolean {
  if (app.requestSingleInstanceLock()) return true;
  app.quit();
  return false;
}

/**
 * Windows close by the system's habit: on a Mac the program stays. Whoever starts Tessera once more gets a window, if
 * this one is ending, then of another Tessera that starts after it.
 */
export function followWindows(openWindow: () => void, ending: Ending): void {
  let startsAgain = false;
  const startAgain = () => {
    if (startsAgain) return;
    startsAgain = true;
    // An AppImage's program lies in a folder that is gone by then.
    const { APPIMAGE: execPath } = process.env;
    app.relaunch(execPath ? { execPath } : undefined);
  };
  const show = () => {
    const [window] = BrowserWindow.getAllWindows();
    if (ending.hasBegun) startAgain();
    else if (window) raise(window);
    else openWindow();
  };
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) show();
  });
  app.on('second-instance', show);
}

/** Brings a window to the front. */
export function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Asks before running jobs are stopped by quitting or, where that quits, by closing the last window. */
export function askBeforeQuitting(jobs: Pick<RunningJobs, 'titles'>): void {
  let mayQuit = false;
  let isAsking = false;
  const quit = () => {
    mayQuit = true;
    app.quit();
  };
  const ask = async (titles: readonly string[]) => {
    isAsking = true;
    const agreed = await askToStop(titles).finally(() => {
      isAsking = false;
    });
    if (agreed) quit();
  };
  const hold = (event: { preventDefault(): void }) => {
    const titles = jobs.titles();
    if (mayQuit || titles.length === 0) return;
    event.preventDefault();
    if (!isAsking) ask(titles).catch(console.error);
  };
  app.on('before-quit', hold);
  app.on('browser-window-created', (_, window) => {
    window.on('close', (event) => {
      const isLast = BrowserWindow.getAllWindows().length === 1;
      if (isLast && process.platform !== 'darwin') hold(event);
    });
  });
  // The system does not wait for an answer, and a terminal shows no question.
  powerMonitor.on('shutdown', quit);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit);
}

/** The end of the program. */
export interface Ending {
  readonly hasBegun: boolean;
}

/** Milliseconds that closing the studio may take: a training ends at its next checkpoint. */
const patience = 90_000;

/**
 * Lets the program end only after the studio has been closed: what runs stops where it can go on from. The windows go
 * at once. Where it takes too long the program ends all the same; the job then goes on from its last checkpoint.
 */
export function quitGracefully(close: () => Promise<void>): Ending {
  let closing: 'not yet' | 'closing' | 'closed' = 'not yet';
  app.on('will-quit', (event) => {
    if (closing === 'closed') return;
    event.preventDefault();
    if (closing === 'closing') return;
    closing = 'closing';
    const late = new Promise<void>((done) => setTimeout(done, patience).unref());
    void Promise.race([close(), late])
      .catch((error: unknown) => console.error(error))
      .finally(() => {
        closing = 'closed';
        app.quit();
      });
  });
  return {
    get hasBegun() {
      return closing !== 'not yet';
    },
  };
}
