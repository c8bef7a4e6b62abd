import { app, BrowserWindow } from 'electron';

/** Beginning and end of the program. */

/**
 * Makes this the only Tessera of the user: the library has one writer. A second start shows the window of the first.
 *
 * @returns whether this one may go on
 */
export function becomeTheOnlyOne(): boolean {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return false;
  }
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (!window) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  });
  return true;
}

/** Windows close by the system's habit: on a Mac the program stays. */
export function followWindows(openWindow: () => void): void {
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow();
  });
}

/** Milliseconds that closing the studio may take: a training ends at its next checkpoint. */
const patience = 90_000;

/**
 * Lets the program end only after the studio has been closed: what runs stops where it can go on from. The windows go
 * at once. Where it takes too long the program ends all the same; the job then goes on from its last checkpoint.
 */
export function quitGracefully(close: () => Promise<void>): void {
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
}
