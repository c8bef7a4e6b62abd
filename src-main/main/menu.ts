import { app, BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';
import { bridgeChannels } from '../../src-shared/bridgeChannels.ts';

/** Screens by their addresses in the page (see src-renderer/ui/routes.ts). */
const screens = [
  ['Library', '/library'],
  ['Compose', '/compose'],
  ['Compare', '/compare'],
  ['Gallery', '/gallery'],
  ['Map', '/map'],
  ['Models', '/models'],
] as const;

const helpMenu: MenuItemConstructorOptions = { role: 'help', submenu: [{ role: 'about' }] };

export function setMenu(openWindow: () => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, openWindow)));
}

export function menuTemplate(
  platform: NodeJS.Platform,
  openWindow: () => void,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const settings = screen('Settings…', '/settings', 'CmdOrCtrl+,');
  return [
    ...(isMac ? [appMenu(settings)] : []),
    fileMenu(isMac, settings, openWindow),
    { role: 'editMenu' },
    {
      label: 'Go',
      submenu: screens.map(([label, path], index) => screen(label, path, `CmdOrCtrl+${index + 1}`)),
    },
    viewMenu(),
    { role: 'windowMenu' },
    ...(isMac ? [] : [helpMenu]),
  ];
}

function appMenu(settings: MenuItemConstructorOptions): MenuItemConstructorOptions {
  return {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  };
}

function fileMenu(
  isMac: boolean,
  settings: MenuItemConstructorOptions,
  openWindow: () => void,
): MenuItemConstructorOptions {
  return {
    role: 'fileMenu',
    submenu: [
      screen('New Concept…', '/concepts/new', 'CmdOrCtrl+N'),
      { label: 'New Window', accelerator: 'CmdOrCtrl+Shift+N', click: () => openWindow() },
      { type: 'separator' },
      ...(isMac ? [] : [settings, { type: 'separator' } as const]),
      isMac ? { role: 'close' } : { role: 'quit' },
    ],
  };
}

/** Reloading and the tools for developers are of no use to an artist, so only where the program is worked on. */
function viewMenu(): MenuItemConstructorOptions {
  const forDevelopers: MenuItemConstructorOptions[] = [
    { type: 'separator' },
    { role: 'reload' },
    { role: 'toggleDevTools' },
  ];
  return {
    role: 'viewMenu',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      ...(app.isPackaged ? [] : forDevelopers),
    ],
  };
}

function screen(label: string, path: string, accelerator: string): MenuItemConstructorOptions {
  return {
    label,
    accelerator,
    click: (_, window) => {
      if (window instanceof BrowserWindow) window.webContents.send(bridgeChannels.navigate, path);
    },
  };
}
