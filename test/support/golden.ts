import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const committed = resolve(import.meta.dirname, '../golden');
/** The whole set, too large for the repository, lies beside the checkout where it is to be had. */
const complete = resolve(import.meta.dirname, '../../../shared/golden');

/** Path of a reference file: the committed copy, else the one of the complete set, else undefined. */
export function goldenPath(relative: string): string | undefined {
  return [committed, complete]
    .map((folder) => resolve(folder, relative))
    .find((path) => existsSync(path));
}

/** Path of a reference file that the tests cannot do without. */
export function requireGoldenPath(relative: string): string {
  const path = goldenPath(relative);
  if (!path) throw new Error(`reference file ${relative} is not there`);
  return path;
}
