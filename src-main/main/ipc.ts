import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import { bridgeChannels } from '../../src-shared/bridgeChannels.ts';
import type { StudioPort } from '../shell/studioPort.ts';
import { openWindowSession, type WindowSession } from '../shell/windowSession.ts';
import { chooseFolder, chooseModel } from './dialogs.ts';
import { isOurs } from './origin.ts';
import { picturesToSave, savePictures } from './savePictures.ts';

/** Everything that a page can reach in this process. */
export function serveIpc(studio: Pick<StudioPort, 'call' | 'subscribe' | 'blobs'>): void {
  const sessions = new Map<number, WindowSession>();
  const known = new WeakSet<WebContents>();

  function close(id: number): void {
    sessions.get(id)?.close();
    sessions.delete(id);
  }

  function greet(contents: WebContents): void {
    const { id } = contents;
    close(id);
    if (!known.has(contents)) {
      known.add(contents);
      contents.on('render-process-gone', () => close(id));
      contents.once('destroyed', () => close(id));
    }
    const session = openWindowSession(studio, String(id), (message) => {
      if (!contents.isDestroyed()) contents.send(bridgeChannels.answer, message);
    });
    sessions.set(id, session);
  }

  ipcMain.on(bridgeChannels.hello, (event) => {
    if (isFromOurPage(event)) greet(event.sender);
  });
  ipcMain.on(bridgeChannels.message, (event, message: unknown) => {
    if (isFromOurPage(event)) deliver(sessions.get(event.sender.id), message);
  });
  ipcMain.handle(bridgeChannels.chooseModel, (event, kind: unknown) => {
    if (!isFromOurPage(event)) throw new Error('this page may not ask');
    return chooseModel(event.sender, kind === 'folder' ? 'folder' : 'file');
  });
  ipcMain.handle(bridgeChannels.savePictures, async (event, pictures: unknown) => {
    if (!isFromOurPage(event)) throw new Error('this page may not ask');
    const parsed = picturesToSave.parse(pictures);
    const folder = await chooseFolder(event.sender, `Save ${parsed.length} pictures`);
    return folder === undefined ? undefined : savePictures(folder, parsed, studio.blobs);
  });
}

/** Frames inside a page, and pages of others, are not listened to. */
function isFromOurPage({ senderFrame, sender }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame === sender.mainFrame && isOurs(senderFrame.url);
}

function deliver(session: WindowSession | undefined, message: unknown): void {
  try {
    session?.receive(message);
  } catch (error) {
    console.error(`a window said what cannot be understood: ${error}`);
  }
}
