import type { BlobHash } from './ids.ts';
import type { WindowMessage } from './shellProtocol.ts';

/** What came of saving pictures. */
export interface SavedPictures {
  readonly saved: number;
  /** Why not all were. */
  readonly problem?: string;
}

/** What Electron's preload gives the window as `window.tessera`. A browser's window has none and uses a WebSocket. */
export interface WindowBridge {
  send(message: WindowMessage): void;
  /** Messages of the shell, to be parsed as `shellMessage`. */
  onMessage(listener: (message: unknown) => void): void;
  /** Where a dropped file or folder lies; empty for one that is not on a disk. */
  pathOf(file: File): string;
  /** Asks for a checkpoint, a file or a folder, with the system's dialog. */
  chooseModel(kind: 'file' | 'folder'): Promise<string | undefined>;
  /**
   * Saves pictures of the library in a folder that the user chooses with the system's dialog, without overwriting.
   *
   * @returns undefined where the dialog was cancelled
   */
  savePictures(
    pictures: readonly { readonly hash: BlobHash; readonly name: string }[],
  ): Promise<SavedPictures | undefined>;
  /** An entry of the menu was chosen: the path of a screen. */
  onNavigate(listener: (path: string) => void): void;
}
