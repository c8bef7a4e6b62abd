import { beforeEach } from 'vitest';
import { openWindow } from '../../../src-main/main/window.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import * as electron from './electronStandIn.ts';
import { createSmallStudio, type SmallStudio } from './smallStudio.ts';

/** A studio for the Electron shell of a test file, which mocks `electron` itself; each test begins without windows. */
export function openElectron(): { studio: SmallStudio; opened: () => electron.BrowserWindow } {
  beforeEach(() => {
    electron.app.removeAllListeners();
    electron.app.quits = 0;
    electron.app.relaunches.length = 0;
    electron.powerMonitor.removeAllListeners();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
    electron.BrowserWindow.all.length = 0;
    electron.dialog.shown.length = 0;
  });
  return {
    studio: createSmallStudio(temporaryFolder().folder),
    opened: () => {
      openWindow();
      return electron.BrowserWindow.all.at(-1)!;
    },
  };
}
