import { statSync } from 'node:fs';

/**
 * The same only as long as no file has been written to or replaced: a copy that brings along its old size and time of
 * change still gets another number or another time of change of its entry.
 */
export function stampOfFiles(files: Iterable<string>): string {
  return Array.from(files, stampOfFile).join();
}

function stampOfFile(file: string): string {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (!status) return 'missing';
  const { dev, ino, size, mtimeNs, ctimeNs } = status;
  return [dev, ino, size, mtimeNs, ctimeNs].join('/');
}
