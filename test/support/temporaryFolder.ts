import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for the tests of a file, removed after them. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    path: (name: string) => join(folder, name),
    /** Names of all files in it or in one of its folders, without folders, sorted. */
    files: (within = '.') =>
      readdirSync(join(folder, within), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort(),
  };
}
