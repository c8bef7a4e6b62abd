import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme } from 'electron';
import { origin } from './origin.ts';
import { reviveWindow } from './revival.ts';

/** Compiled by `npm run build`: a sandboxed preload must be one CommonJS file. */
const preload = join(import.meta.dirname, '../preload.cjs');

/** "paper" in the page's ui/styles.css, so that nothing flashes before the page is there. */
export const paper = { light: '#f7f6f2', dark: '#161614' };

/** @param screen its address in the page (see src-renderer/ui/routes.ts); where absent the page decides */
export function openWindow(screen?: string): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Tessera',
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? paper.dark : paper.light,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      // It would fetch dictionaries from the network.
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  window.once('ready-to-show', () => window.show());
  reviveWindow(window);
  const address = screen === undefined ? `${origin}/` : `${origin}/#${screen}`;
  window.loadURL(address).catch((error: unknown) => {
    // One that is closed again at once fails to load.
    if (!window.isDestroyed()) console.error(error);
  });
  return window;
}
