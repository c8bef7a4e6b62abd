import {
  BrowserWindow,
  dialog,
  type MessageBoxOptions,
  type OpenDialogOptions,
  type WebContents,
} from 'electron';
import { messageOf } from '../../src-shared/caught.ts';

/** @returns the path of the chosen checkpoint, undefined where the dialog was cancelled */
export async function chooseModel(
  contents: WebContents,
  kind: 'file' | 'folder',
): Promise<string | undefined> {
  const options: OpenDialogOptions =
    kind === 'folder'
      ? { title: 'Add a model in the folder layout of diffusers', properties: ['openDirectory'] }
      : {
          title: 'Add a model',
          properties: ['openFile'],
          filters: [{ name: 'Checkpoints', extensions: ['safetensors', 'ckpt'] }],
        };
  return choosePath(contents, options);
}

/** @returns the path of a folder to write to, undefined where the dialog was cancelled */
export async function chooseFolder(
  contents: WebContents,
  title: string,
): Promise<string | undefined> {
  const properties = ['openDirectory', 'createDirectory'] as const;
  return choosePath(contents, { title, buttonLabel: 'Save', properties: [...properties] });
}

async function choosePath(
  contents: WebContents,
  options: OpenDialogOptions,
): Promise<string | undefined> {
  const window = BrowserWindow.fromWebContents(contents);
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  return canceled ? undefined : filePaths[0];
}

/** @returns whether running jobs may be stopped; they go on at the next start */
export async function askToStop(titles: readonly string[]): Promise<boolean> {
  const what = titles.length === 1 ? titles[0] : `${titles.length} jobs`;
  // Not on a window that is minimised, where nobody would see it.
  return askWhether(BrowserWindow.getFocusedWindow(), {
    message: `${what}: still running`,
    detail:
      'Quitting stops it at its next step. It goes on from there when Tessera is started again.',
    buttons: ['Quit', 'Keep running'],
  });
}

/** @returns whether a page that dies again and again is to be loaded once more */
export async function askToReload(window: BrowserWindow): Promise<boolean> {
  return askWhether(window, {
    message: 'The window of Tessera has failed several times',
    detail:
      'Trainings are not affected. Often the machine has too little memory left for the window.',
    buttons: ['Try again', 'Close the window'],
  });
}

/** @returns whether the first of two buttons was chosen */
async function askWhether(
  window: BrowserWindow | null,
  question: Pick<MessageBoxOptions, 'message' | 'detail' | 'buttons'>,
): Promise<boolean> {
  const options = {
    ...question,
    type: 'warning',
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  } as const;
  const { response } = window
    ? await dialog.showMessageBox(window, options)
    : await dialog.showMessageBox(options);
  return response === 0;
}

/** The studio could not be opened: says why, in the words of the error. */
export function showStartError(error: unknown): void {
  const message = messageOf(error);
  dialog.showErrorBox('Tessera cannot start', message);
}
