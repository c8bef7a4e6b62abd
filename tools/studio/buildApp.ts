import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'vite';
import { root } from './buildPage.ts';

/** What Electron runs: `dist/app`, the main process compiled file by file, laid out as the sources are. */

const app = join(root, 'dist/app');

export async function buildApp(): Promise<void> {
  rmSync(app, { recursive: true, force: true });
  compile();
  await buildPreload();
  cpSync(join(root, 'src-main/library/migrations'), join(app, 'src-main/library/migrations'), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
  for (const folder of ['assets', 'dist/renderer']) link(folder);
}

/** Electron's Node need not know TypeScript. */
function compile(): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['-p', join(root, 'tsconfig.build.json')];
  execFileSync(process.execPath, [compiler, ...options], { stdio: 'inherit' });
}

/** One CommonJS file: a sandboxed preload can import nothing but Electron. */
async function buildPreload(): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    build: {
      outDir: join(app, 'src-main'),
      emptyOutDir: false,
      minify: false,
      lib: {
        entry: join(root, 'src-main/preload.ts'),
        formats: ['cjs'],
        fileName: () => 'preload.cjs',
      },
      rolldownOptions: { external: ['electron'] },
    },
  });
}

/** The sources find assets and page by relative paths. The packaged program holds copies. */
function link(folder: string): void {
  const path = join(app, folder);
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(root, folder), path, 'junction');
}
