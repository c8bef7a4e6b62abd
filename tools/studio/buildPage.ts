import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

/** The window's page: built where it is missing or older than what it is made of. */

export const root = resolve(import.meta.dirname, '../..');
const built = join(root, 'dist/renderer/index.html');
const sources = ['src-renderer', 'src-shared', 'vite.config.ts', 'package-lock.json'];

export async function buildPage(): Promise<void> {
  await build({
    configFile: join(root, 'vite.config.ts'),
    root: join(root, 'src-renderer'),
    logLevel: 'warn',
  });
}

/** @returns whether it had to be built */
export async function buildPageIfNeeded(): Promise<boolean> {
  const newest = Math.max(...sources.map((name) => changeTime(join(root, name))));
  if (newest <= changeTime(built)) return false;
  await buildPage();
  return true;
}

/** Of a file, or of the newest file and folder in a folder, in milliseconds; 0 where there is none. */
function changeTime(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  const inside = readdirSync(path).map((name) => changeTime(join(path, name)));
  return Math.max(stats.mtimeMs, ...inside);
}
