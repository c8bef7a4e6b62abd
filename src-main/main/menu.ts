import { app, BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';
import { type OpenWindow, showScreen } from './screens.ts';

/** Screens by their addresses in the page (see src-renderer/ui/routes.ts). */
const screens = [
  ['Library', '/library'],
  ['Compose', '/compose'],
  ['Compare', '/compare'],
  ['Gallery', '/gallery'],
  ['Embedding Map', '/map'],
  ['Models', '/models'],
] as const;

const helpMenu: MenuItemConstructorOptions = { role: 'help', submenu: [{ role: 'about' }] };

export function setMenu(openWindow: OpenWindow): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, openWindow)));
}

export function menuTemplate(
  platform: NodeJS.Platform,
  openWindow: OpenWindow,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const screen = createScreenEntries(openWindow);
  const settings = screen('Settings…', '/settings', 'CmdOrCtrl+,');
  const newConcept = screen('New Concept…', '/concepts/new', 'CmdOrCtrl+N');
  return [
    ...(isMac ? [appMenu(settings)] : []),
    fileMenu(isMac, { settings, newConcept }, openWindow),
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
  { settings, newConcept }: Readonly<Record<string, MenuItemConstructorOptions>>,
  openWindow: OpenWindow,
): MenuItemConstructorOptions {
  return {
    role: 'fileMenu',
    submenu: [
      newConcept,
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

/** Entries that show a screen in the window at the front, else in any. */
function createScreenEntries(openWindow: OpenWindow) {
  return (label: string, path: string, accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: (_, focused) =>
      showScreen(openWindow, path, focused instanceof BrowserWindow ? focused : undefined),
  });
}
