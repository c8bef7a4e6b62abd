import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { WebSocket } from 'ws';
import { type Server, startServer } from '../../../src-main/serve/server.ts';
import { readPage } from '../../../src-main/shell/page.ts';
import { send } from './httpClient.ts';
import { createSmallStudio, type SmallStudio } from './smallStudio.ts';

export const limits = { message: 20_000, backlog: 2 ** 20 };
export const png = Buffer.from('\x89PNG\r\n\x1a\nand more', 'latin1');

/** The server of a test file, over a small studio, and one browser that has been let in. */
export let folder: string;
export let studio: SmallStudio;
export let server: Server;
export let origin: string;
export let cookie: string;

export function startSmallServer(): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-server-'));
    await mkdir(join(folder, 'page/assets'), { recursive: true });
    await mkdir(join(folder, 'blobs'));
    await writeFile(
      join(folder, 'page/index.html'),
      '<meta property="csp-nonce" nonce="CSP_NONCE"><script src="/assets/a.js" nonce="CSP_NONCE">',
    );
    await writeFile(join(folder, 'page/assets/a.js'), 'void 0;');
    await writeFile(join(folder, 'secret.txt'), 'secret');
    studio = createSmallStudio(join(folder, 'blobs'));
    const page = await readPage(join(folder, 'page'));
    server = await startServer({ studio, page, host: '127.0.0.1', port: 0, limits });
    origin = `http://127.0.0.1:${server.port}`;
    cookie = await letIn();
  });

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  beforeEach(() => {
    studio.calls.length = 0;
    studio.cancelled.length = 0;
  });
}

export async function letIn(): Promise<string> {
  const { pathname, search } = new URL(server.newLink());
  const { headers } = await send(server.port, pathname + search);
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

export const get = (path: string, headers = {}) => send(server.port, path, { headers });
export const admitted = (headers = {}) => ({ cookie, origin, ...headers });
export const upload = (body: Buffer, headers = {}) =>
  send(server.port, '/blobs', {
    method: 'POST',
    headers: admitted({ 'content-type': 'application/octet-stream', ...headers }),
    body,
  });

export function open(headers: Record<string, string | undefined> = {}): WebSocket {
  const { origin: from = origin, cookie: token = cookie, ...rest } = headers;
  return new WebSocket(`ws://127.0.0.1:${server.port}/socket`, {
    headers: { ...(from && { origin: from }), ...(token && { cookie: token }), ...rest },
  });
}

export async function refusal(socket: WebSocket): Promise<number> {
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  response.resume();
  return response.statusCode;
}

export async function opened(): Promise<WebSocket> {
  const socket = open();
  await once(socket, 'open');
  return socket;
}

/** The next message. */
export async function heard(socket: WebSocket): Promise<unknown> {
  const [data] = await once(socket, 'message');
  return JSON.parse(String(data));
}
