import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { InputError } from '../../src-shared/inputError.ts';

/** The built page of the window. */
export interface Page {
  /** index.html with the nonce in its place. */
  index(nonce: string): string;
  /** By path, such as "/assets/index-1234.js". */
  readonly files: ReadonlyMap<string, PageFile>;
}

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where `npm run build` puts it. */
const builtPage = join(import.meta.dirname, '../../dist/renderer');

/** As in vite.config.ts. */
const noncePlaceholder = /CSP_NONCE/g;

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * Reads the page once, so that a request can name only what was there: no path of the machine is ever made of one.
 *
 * @throws InputError where it was not built
 */
export async function readPage(folder = builtPage): Promise<Page> {
  const index = await readFile(join(folder, 'index.html'), 'utf8').catch(() => {
    throw new InputError(`${folder} holds no index.html; build the window with "npm run build"`);
  });
  const files = new Map(await readAssets(join(folder, 'assets')));
  return { files, index: (nonce) => index.replace(noncePlaceholder, nonce) };
}

/** Vite puts everything but index.html into one folder. */
async function readAssets(folder: string): Promise<[string, PageFile][]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name): Promise<[string, PageFile]> => {
      const bytes = Uint8Array.from(await readFile(join(folder, name)));
      const type = types[extname(name)] ?? 'application/octet-stream';
      return [`/assets/${name}`, { type, bytes }];
    }),
  );
}
