import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { InputError } from '../../../src-shared/inputError.ts';

/** What the first bytes of a file say about it. */
export interface ForeignFormat {
  readonly kind: 'zip' | 'pickle' | 'picture' | 'other';
  /** Named in messages, after "is". */
  readonly description: string;
  readonly advice: string;
}

const convertPickle =
  'Pickles can run any program when they are opened, so Tessera opens none as a checkpoint: convert the file to ' +
  '.safetensors (in the program it came from) or download its .safetensors version. Of a concept that another ' +
  'program wrote, "tessera import" reads the numbers alone.';

const signatures: readonly { start: readonly number[]; format: ForeignFormat }[] = [
  pickle('zip', [0x50, 0x4b, 0x03, 0x04], 'a pickle in a zip archive, as torch.save writes it'),
  ...[1, 2, 3, 4, 5].map((protocol) =>
    pickle('pickle', [0x80, protocol], `a pickle, protocol ${protocol}`),
  ),
  other('GGUF', 'a GGUF file', 'Give the .safetensors version of the checkpoint.'),
  other(
    'version https://git-lfs',
    'a Git LFS pointer, not the file itself',
    'Fetch the file with "git lfs pull".',
  ),
  other('<', 'a web page', 'The download went wrong: fetch the file again.'),
  other('\x89HDF', 'an HDF5 file', 'Give the .safetensors version of the checkpoint.'),
  other('\x89PNG', 'a picture', 'Give a .safetensors file.', 'picture'),
];

function pickle(kind: 'zip' | 'pickle', start: readonly number[], description: string) {
  return { start, format: { kind, description, advice: convertPickle } };
}

function other(
  start: string,
  description: string,
  advice: string,
  kind: ForeignFormat['kind'] = 'other',
) {
  const format = { kind, description, advice };
  return { start: [...Buffer.from(start, 'latin1')], format };
}

/** The format that the first bytes belong to, or undefined where they may begin a .safetensors file. */
export function foreignFormat(firstBytes: Uint8Array): ForeignFormat | undefined {
  // A header length can look like any signature; the brace after it cannot stand in the other formats.
  if (firstBytes[8] === 0x7b) return undefined;
  return signatures.find(({ start }) => start.every((byte, at) => firstBytes[at] === byte))?.format;
}

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

const refusals: Record<string, string> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'no such file or folder',
  EACCES: 'no permission to read or write here',
  EPERM: 'no permission to read or write here',
  EISDIR: 'this is a folder, expected a file',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'the symbolic links go in a circle',
  EROFS: 'this place is read-only',
  ENOSPC: 'no space is left here',
};

/** Runs a file operation; failures that the user can mend become an InputError naming the path. */
export function refusing<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (refusals[code]) throw new InputError(`${path}: ${refusals[code]}`);
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
