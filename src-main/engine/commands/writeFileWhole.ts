import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { refusing } from '../checkpoint/fileKind.ts';

/**
 * Writes a file whole or not at all: to a temporary name, flushed, renamed.
 *
 * @throws InputError where the folder is missing, read-only or full
 */
export function writeFileWhole(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  refusing(path, () => {
    try {
      writeThrough(temporary, bytes);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

function writeThrough(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'w');
  try {
    writeFileSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
