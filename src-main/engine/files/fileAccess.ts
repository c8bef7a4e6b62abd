import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { knownRefusal } from '../../../src-shared/fileRefusal.ts';
import { InputError } from '../../../src-shared/inputError.ts';

/**
 * The first bytes of a file, fewer where it is shorter, and its size in bytes.
 *
 * @throws InputError where there is no such regular file or it cannot be read
 */
export function readStart(path: string, count: number): { bytes: Uint8Array; size: number } {
  return withFile(path, (descriptor, size) => {
    const bytes = new Uint8Array(Math.min(count, size));
    return { bytes: readInto(descriptor, bytes, 0, path), size };
  });
}

/**
 * Opens a file for reading, closes it whatever happens.
 *
 * @throws InputError where there is no such regular file or it cannot be read
 */
export function withFile<T>(path: string, use: (descriptor: number, size: number) => T): T {
  const status = statOf(path);
  if (!status.isFile()) {
    throw new InputError(`${path}: expected a file, this is ${kindOf(status)}`);
  }
  const descriptor = refusing(path, () => openSync(path, 'r'));
  try {
    return use(descriptor, status.size);
  } finally {
    closeSync(descriptor);
  }
}

/** @throws InputError where nothing can be found under that path */
export function statOf(path: string) {
  return refusing(path, () => statSync(path));
}

function kindOf(status: ReturnType<typeof statSync>): string {
  return status?.isDirectory() ? 'a folder' : 'a device or pipe';
}

/** Runs a file operation; failures that the user can mend become an InputError naming the path. */
export function refusing<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    const refusal = knownRefusal(error);
    if (refusal) throw new InputError(`${path}: ${refusal}`);
    throw error;
  }
}

/**
 * Fills `bytes` from the file at `offset`.
 *
 * @throws InputError where the file ends before
 */
export function readInto<T extends Uint8Array>(
  descriptor: number,
  bytes: T,
  offset: number,
  path: string,
): T {
  let done = 0;
  while (done < bytes.length) {
    const count = readSync(descriptor, bytes, done, bytes.length - done, offset + done);
    if (count === 0) {
      throw new InputError(`${path}: the file ends at byte ${offset + done}: it is incomplete`);
    }
    done += count;
  }
  return bytes;
}
