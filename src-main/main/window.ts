import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme } from 'electron';
import { origin } from './origin.ts';

/** Compiled by `npm run build`: a sandboxed preload must be one CommonJS file. */
const preload = join(import.meta.dirname, '../preload.cjs');

/** The page's own colours, so that nothing flashes before it is there. */
const background = { light: '#ffffff', dark: '#111113' };

export function openWindow(): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Tessera',
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
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
  void window.loadURL(`${origin}/`);
  return window;
}
