import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron';

/**
 * Stands in for the `electron` module, whose binary is not at hand: records what the shell asks for and lets a test play
 * what Electron would tell. It decides nothing by itself.
 */

export type Handler = (...given: never[]) => unknown;

export class App extends EventEmitter {
  isPackaged = true;
  hasLock = true;
  readonly switches: string[] = [];
  quits = 0;
  readonly relaunches: unknown[] = [];
  exits: number[] = [];
  readonly commandLine = { appendSwitch: (name: string) => this.switches.push(name) };
  readonly ready = Promise.withResolvers<void>();
  whenReady(): Promise<void> {
    return this.ready.promise;
  }
  requestSingleInstanceLock(): boolean {
    return this.hasLock;
  }
  readonly userModelIds: string[] = [];
  setAppUserModelId(id: string): void {
    this.userModelIds.push(id);
  }
  exit(code: number): void {
    this.exits.push(code);
  }
  relaunch(options: unknown): void {
    this.relaunches.push(options);
  }
  /** As Electron does it, without windows. */
  quit(): void {
    const beginning = event();
    this.emit('before-quit', beginning);
    if (beginning.defaultPrevented) return;
    this.quits += 1;
    this.emit('will-quit', event());
  }
}

export const app = new App();

/** Something that can be prevented. */
export function event<Fields extends object>(fields?: Fields) {
  const made = { ...(fields as Fields), defaultPrevented: false, preventDefault: () => {} };
  made.preventDefault = () => {
    made.defaultPrevented = true;
  };
  return made;
}

let lastId = 0;

export class WebContents extends EventEmitter {
  readonly id = ++lastId;
  readonly sent: { channel: string; value: unknown }[] = [];
  readonly mainFrame = { url: 'tessera://app/' };
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  getURL(): string {
    return this.mainFrame.url;
  }
  isDestroyed(): boolean {
    return false;
  }
  reloads = 0;
  reload(): void {
    this.reloads += 1;
  }
  send(channel: string, value: unknown): void {
    this.sent.push({ channel, value });
  }
  setWindowOpenHandler(handler: WebContents['openHandler']): void {
    this.openHandler = handler;
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly all: BrowserWindow[] = [];
  static getAllWindows(): BrowserWindow[] {
    return BrowserWindow.all;
  }
  /** Whether another program is at the front. */
  static isBehind = false;
  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.isBehind ? null : (BrowserWindow.all.at(-1) ?? null);
  }
  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return BrowserWindow.all.find((window) => window.webContents === contents) ?? null;
  }
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents = new WebContents();
  readonly calls: string[] = [];
  address = '';
  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    BrowserWindow.all.push(this);
    app.emit('web-contents-created', event(), this.webContents);
    app.emit('browser-window-created', event(), this);
  }
  isDestroyed(): boolean {
    return !BrowserWindow.all.includes(this);
  }
  destroy(): void {
    BrowserWindow.all.splice(BrowserWindow.all.indexOf(this), 1);
  }
  /** As its button does it. */
  close(): void {
    const closing = event();
    this.emit('close', closing);
    if (closing.defaultPrevented) return;
    this.destroy();
    if (BrowserWindow.all.length === 0) app.emit('window-all-closed');
  }
  async loadURL(address: string): Promise<void> {
    this.address = address;
  }
  readonly bars: number[] = [];
  setProgressBar(share: number): void {
    this.bars.push(share);
  }
  isMinimized(): boolean {
    return true;
  }
  show(): void {
    this.calls.push('show');
  }
  restore(): void {
    this.calls.push('restore');
  }
  focus(): void {
    this.calls.push('focus');
  }
}

export class Session extends EventEmitter {
  readonly handlers: Record<string, Handler> = {};
  setPermissionRequestHandler(handler: Handler): void {
    this.handlers.request = handler;
  }
  setPermissionCheckHandler(handler: Handler): void {
    this.handlers.check = handler;
  }
  setDevicePermissionHandler(handler: Handler): void {
    this.handlers.device = handler;
  }
  readonly webRequest = {
    onBeforeRequest: (handler: Handler) => {
      this.handlers.beforeRequest = handler;
    },
  };
}

export const session = { defaultSession: new Session() };

export const protocol = {
  schemes: [] as object[],
  handlers: {} as Record<string, (request: Request) => Promise<Response>>,
  registerSchemesAsPrivileged: (schemes: object[]) => protocol.schemes.push(...schemes),
  handle: (scheme: string, handler: (request: Request) => Promise<Response>) => {
    protocol.handlers[scheme] = handler;
  },
};

export const ipcMain = {
  listeners: {} as Record<string, (...given: unknown[]) => void>,
  handlers: {} as Record<string, (...given: unknown[]) => unknown>,
  on: (channel: string, listener: (...given: unknown[]) => void) => {
    ipcMain.listeners[channel] = listener;
  },
  handle: (channel: string, handler: (...given: unknown[]) => unknown) => {
    ipcMain.handlers[channel] = handler;
  },
};

export const Menu = {
  template: [] as MenuItemConstructorOptions[],
  buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
  setApplicationMenu: (template: MenuItemConstructorOptions[]) => {
    Menu.template = template;
  },
};

export const dialog = {
  shown: [] as unknown[][],
  answer: { canceled: false, filePaths: ['/models/one.safetensors'] },
  showOpenDialog: async (...given: unknown[]) => {
    dialog.shown.push(given);
    return dialog.answer;
  },
  /** The button that is pressed. */
  response: 0,
  showMessageBox: async (...given: unknown[]) => {
    dialog.shown.push(given);
    return { response: dialog.response };
  },
  showErrorBox: (...given: unknown[]) => dialog.shown.push(given),
};

export class Notification extends EventEmitter {
  static supported = true;
  static readonly shown: Notification[] = [];
  static isSupported(): boolean {
    return Notification.supported;
  }
  readonly options: { readonly title: string; readonly body?: string };
  constructor(options: Notification['options']) {
    super();
    this.options = options;
  }
  show(): void {
    Notification.shown.push(this);
  }
}

export const nativeTheme = { shouldUseDarkColors: false, themeSource: 'system' };

export const powerMonitor = new EventEmitter();

export const powerSaveBlocker = {
  started: new Map<number, string>(),
  start: (type: string) => {
    const id = powerSaveBlocker.started.size;
    powerSaveBlocker.started.set(id, type);
    return id;
  },
  stop: (id: number) => powerSaveBlocker.started.delete(id),
};

export const contextBridge = {
  exposed: {} as Record<string, unknown>,
  exposeInMainWorld: (name: string, value: unknown) => {
    contextBridge.exposed[name] = value;
  },
};

export const ipcRenderer = {
  sent: [] as { channel: string; value: unknown }[],
  invoked: [] as { channel: string; value: unknown }[],
  listeners: {} as Record<string, (...given: unknown[]) => void>,
  send: (channel: string, value?: unknown) => ipcRenderer.sent.push({ channel, value }),
  invoke: async (channel: string, value: unknown) => ipcRenderer.invoked.push({ channel, value }),
  on: (channel: string, listener: (...given: unknown[]) => void) => {
    ipcRenderer.listeners[channel] = listener;
  },
};

export const webUtils = { getPathForFile: (file: File) => `/dropped/${file.name}` };

/** Utility processes as the tests start them: set by a test. */
export const utilityProcess = {
  started: [] as { path: string; options: object }[],
  start: (): EventEmitter => new EventEmitter(),
  fork: (path: string, _: string[], options: object) => {
    utilityProcess.started.push({ path, options });
    return utilityProcess.start();
  },
};
