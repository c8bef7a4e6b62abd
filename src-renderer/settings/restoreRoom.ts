import { formatBytes } from '../ui/format.ts';

/**
 * Why a backup does not fit the disk of the library: there it is kept whole, and unpacked beside that.
 *
 * @param bytes of the backup
 * @returns undefined where it fits
 */
export function restoreProblem(bytes: number, freeBytes: number): string | undefined {
  const needed = 2 * bytes;
  if (needed < freeBytes) return undefined;
  return `Restoring it takes ${formatBytes(needed)}, and the disk of the library has ${formatBytes(freeBytes)} left. Free some space on it and try again.`;
}
