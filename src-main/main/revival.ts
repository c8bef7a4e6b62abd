import type { BrowserWindow } from 'electron';
import { askToReload } from './dialogs.ts';

/** Deaths of a page that are mended without a word, and the time after which one is forgotten, in milliseconds. */
const patience = { deaths: 3, time: 60_000 };

/**
 * Loads the page anew where its process has died, such as of too little memory: the studio goes on without it, and
 * what the page keeps for a reload is still there. Where it dies again and again the user decides.
 */
export function reviveWindow(window: BrowserWindow): void {
  let deaths: number[] = [];
  const revive = async () => {
    const now = performance.now();
    deaths = [...deaths.filter((time) => now - time < patience.time), now];
    const isHopeful = deaths.length <= patience.deaths || (await askToReload(window));
    if (window.isDestroyed()) return;
    if (isHopeful) window.webContents.reload();
    else window.destroy();
  };
  window.webContents.on('render-process-gone', (_, { reason }) => {
    // Not from within the event: the contents are still being told of the death.
    if (reason !== 'clean-exit') setImmediate(() => revive().catch(console.error));
  });
}
