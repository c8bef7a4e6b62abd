import { BrowserWindow } from 'electron';
import { bridgeChannels } from '../../src-shared/bridgeChannels.ts';
import { raise } from './lifecycle.ts';

export type OpenWindow = (screen?: string) => void;

/**
 * Shows a screen in a window that is there, else in a new one; on a Mac there may be none.
 *
 * @param path of the screen (see src-renderer/ui/routes.ts)
 * @param chosen the window; any where absent
 */
export function showScreen(
  openWindow: OpenWindow,
  path: string,
  chosen: BrowserWindow | undefined = BrowserWindow.getAllWindows()[0],
): void {
  if (chosen) {
    raise(chosen);
    chosen.webContents.send(bridgeChannels.navigate, path);
  } else openWindow(path);
}
