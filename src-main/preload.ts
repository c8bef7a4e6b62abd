import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron';
import { bridgeChannels } from '../src-shared/bridgeChannels.ts';
import type { WindowBridge } from '../src-shared/windowBridge.ts';

/** Gives Electron's window its way to the main process: these few functions, and nothing of Electron or Node. */

const bridge: WindowBridge = {
  send: (message) => ipcRenderer.send(bridgeChannels.message, message),
  onMessage: (listener) => listen(bridgeChannels.answer, listener),
  pathOf: (file) => webUtils.getPathForFile(file),
  chooseModel: (kind) => ipcRenderer.invoke(bridgeChannels.chooseModel, kind),
  savePictures: (pictures) => ipcRenderer.invoke(bridgeChannels.savePictures, pictures),
  onNavigate: (listener) => listen(bridgeChannels.navigate, (path) => listener(String(path))),
};

/** The event itself, which holds the sender, stays here. */
function listen(channel: string, listener: (value: unknown) => void): void {
  ipcRenderer.on(channel, (_: IpcRendererEvent, value: unknown) => listener(value));
}

ipcRenderer.send(bridgeChannels.hello);
contextBridge.exposeInMainWorld('tessera', bridge);
