import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** Files that are still there, and whole, after the power failed. */

/** Renames a flushed file, and makes the folder it goes to; afterwards its new name is on the disk too. */
export function moveDurably(from: string, to: string): void {
  const folder = dirname(to);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    flushFolder(dirname(folder));
  }
  renameSync(from, to);
  flushFolder(folder);
}

export function flushFile(path: string): void {
  flush(path, 'r+');
}

export function flushFolder(folder: string): void {
  if (process.platform === 'win32') return; // folders cannot be flushed there
  flush(folder, 'r');
}

function flush(path: string, flags: string): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
