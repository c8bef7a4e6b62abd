import { formatBytes } from './format.ts';

/**
 * Why a file is not even sent; undefined where it can be.
 *
 * @param limit bytes that may be sent; undefined while it is not known
 */
export function fileRefusal(
  { size }: Pick<File, 'size'>,
  limit: number | undefined,
): string | undefined {
  if (size === 0) return 'the file is empty';
  if (limit === undefined || size <= limit) return undefined;
  return `the file has ${formatBytes(size)}, expected at most ${formatBytes(limit)}`;
}
