/** `npm start`: opens the studio, in Electron where its binary can be had, else in a browser. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from './buildApp.ts';
import { buildPageIfNeeded, root } from './buildPage.ts';

const electron = join(root, 'node_modules/electron');

const program = electronBinary() ?? fetchElectron();
if (await buildPageIfNeeded()) console.log('The window was built.');
if (program) {
  await buildApp();
  run(program, [join(root, 'dist/app/src-main/main.js'), ...process.argv.slice(2)]);
} else {
  console.log(
    "Electron's binary is not here and cannot be fetched: the studio opens in a browser.",
  );
  run(process.execPath, [join(root, 'src-main/cli.ts'), 'serve', ...process.argv.slice(2)]);
}

/** As the package keeps it: path.txt names the program inside dist. */
function electronBinary(): string | undefined {
  const note = join(electron, 'path.txt');
  if (!existsSync(note)) return undefined;
  const path = join(electron, 'dist', readFileSync(note, 'utf8').trim());
  return existsSync(path) ? path : undefined;
}

/** The only thing here that asks the network, and only for what `npm ci` would have brought. */
function fetchElectron(): string | undefined {
  if (process.env.ELECTRON_SKIP_BINARY_DOWNLOAD) return undefined;
  console.log("Fetching Electron's binary, once ...");
  const script = join(electron, 'install.js');
  spawnSync(process.execPath, [script], { stdio: 'ignore', timeout: 180_000 });
  return electronBinary();
}

/** Ctrl-C reaches both, other requests to end are passed on; the studio decides when it ends. */
function run(command: string, options: readonly string[]): void {
  const started = spawn(command, options, { stdio: 'inherit' });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => started.kill('SIGTERM'));
  started.on('exit', (code) => process.exit(code ?? 1));
}
