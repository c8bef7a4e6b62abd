import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { refusing } from './fileAccess.ts';

/**
 * Writes a file to a temporary name in the same folder, flushed, then renamed: the path holds the old file or the whole
 * new one, also after the power failed.
 *
 * @param parts of the file in their order, each asked for when its turn comes
 * @throws InputError where the folder is missing, read-only or full
 */
export function writeFileWhole(path: string, parts: () => Iterable<Uint8Array>): void {
  const temporary = `${path}.${process.pid}.tmp`;
  refusing(path, () => {
    try {
      withDescriptor(temporary, 'w', (descriptor) => {
        for (const part of parts()) writeWhole(descriptor, part);
        fsyncSync(descriptor);
      });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    // makes the rename itself durable; Windows cannot open folders and does not need it
    if (process.platform !== 'win32') withDescriptor(dirname(path), 'r', fsyncSync);
  });
}

function withDescriptor(path: string, flags: string, use: (descriptor: number) => void): void {
  const descriptor = openSync(path, flags);
  try {
    use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(descriptor, bytes, done, bytes.length - done);
}
