import { BrowserWindow, dialog, type OpenDialogOptions, type WebContents } from 'electron';

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
  const window = BrowserWindow.fromWebContents(contents);
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  return canceled ? undefined : filePaths[0];
}

/** The studio could not be opened: says why, in the words of the error. */
export function showStartError(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  dialog.showErrorBox('Tessera cannot start', message);
}
