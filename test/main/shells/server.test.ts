import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { PortTakenError, type Server, startServer } from '../../../src-main/serve/server.ts';
import { readPage } from '../../../src-main/shell/page.ts';
import { send } from './httpClient.ts';
import { createSmallStudio, type SmallStudio } from './smallStudio.ts';

const limits = { upload: 100_000, message: 20_000, backlog: 2 ** 20 };
const png = Buffer.from('\x89PNG\r\n\x1a\nand more', 'latin1');
const html = Buffer.from('<html><script>alert(1)</script></html>');

let folder: string;
let studio: SmallStudio;
let server: Server;
let origin: string;
let cookie: string;

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

async function letIn(): Promise<string> {
  const { pathname, search } = new URL(server.newLink());
  const { headers } = await send(server.port, pathname + search);
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

const get = (path: string, headers = {}) => send(server.port, path, { headers });
const admitted = (headers = {}) => ({ cookie, origin, ...headers });
const upload = (body: Buffer, headers = {}) =>
  send(server.port, '/blobs', {
    method: 'POST',
    headers: admitted({ 'content-type': 'application/octet-stream', ...headers }),
    body,
  });

function open(headers: Record<string, string | undefined> = {}): WebSocket {
  const { origin: from = origin, cookie: token = cookie, ...rest } = headers;
  return new WebSocket(`ws://127.0.0.1:${server.port}/socket`, {
    headers: { ...(from && { origin: from }), ...(token && { cookie: token }), ...rest },
  });
}

async function refusal(socket: WebSocket): Promise<number> {
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  response.resume();
  return response.statusCode;
}

async function opened(): Promise<WebSocket> {
  const socket = open();
  await once(socket, 'open');
  return socket;
}

/** The next message. */
async function heard(socket: WebSocket): Promise<unknown> {
  const [data] = await once(socket, 'message');
  return JSON.parse(String(data));
}

describe('the link', () => {
  test('lets one browser in, once, and leaves the address at once', async () => {
    const { pathname, search } = new URL(server.newLink());
    const first = await get(pathname + search);
    expect(first.status).toBe(303);
    expect(first.headers.location).toBe('/');
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^tessera-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
    );
    const second = await get(pathname + search);
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  test('cannot be guessed', async () => {
    const { headers } = await get('/?key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    expect(headers['set-cookie']).toBeUndefined();
  });

  test('opens a session that a page can ask about', async () => {
    expect((await get('/session', { cookie })).status).toBe(204);
    expect((await get('/session')).status).toBe(401);
    expect((await get('/session', { cookie: `${cookie}x` })).status).toBe(401);
    expect((await get('/session', { cookie: `other=1; ${cookie}` })).status).toBe(204);
  });
});

describe('another host name', () => {
  const rebound = () => ({ cookie, host: `evil.example:${server.port}` });

  test.each(['/', '/assets/a.js', '/session', '/?key=x'])('is refused for %s', async (path) => {
    expect((await get(path, rebound())).status).toBe(403);
  });

  test('is refused for uploads and the socket', async () => {
    expect((await upload(png, rebound())).status).toBe(403);
    expect(await refusal(open(rebound()))).toBe(403);
  });

  test('is refused with a port that is not ours, and localhost is not', async () => {
    expect((await get('/', { host: '127.0.0.1:1' })).status).toBe(403);
    expect((await get('/', { host: '127.0.0.1' })).status).toBe(403);
    expect((await get('/', { host: `LOCALHOST:${server.port}` })).status).toBe(200);
  });
});

describe('another origin', () => {
  const evil = 'https://evil.example';

  test('is refused, cookie or not', async () => {
    expect((await get('/', { origin: evil })).status).toBe(403);
    expect((await upload(png, { origin: evil })).status).toBe(403);
    expect(await refusal(open({ origin: evil }))).toBe(403);
    expect(await refusal(open({ origin: 'null' }))).toBe(403);
  });

  test('is refused where another port of this machine asks', async () => {
    expect(await refusal(open({ origin: `http://127.0.0.1:${server.port + 1}` }))).toBe(403);
    const other = `http://localhost:${server.port}`;
    expect((await get('/session', { cookie, origin: other })).status).toBe(403);
  });

  test('must be told by what changes something', async () => {
    const silent = await send(server.port, '/blobs', { method: 'POST', headers: { cookie } });
    expect(silent.status).toBe(403);
    expect(await refusal(open({ origin: '' }))).toBe(403);
  });

  test('is seen where a browser tells only the site', async () => {
    const crossSite = { cookie, 'sec-fetch-site': 'cross-site' };
    expect((await get('/assets/a.js', crossSite)).status).toBe(403);
    expect((await get('/session', { ...crossSite, 'sec-fetch-mode': 'no-cors' })).status).toBe(403);
    expect((await get('/', { ...crossSite, 'sec-fetch-mode': 'navigate' })).status).toBe(200);
  });
});

describe('without the token', () => {
  test('nothing of the library can be had', async () => {
    const { hash } = JSON.parse(String((await upload(png)).body));
    for (const path of ['/blobs', '/./blobs', '/x/../blobs', '/%2e/blobs', '/x/%2E%2e/blobs']) {
      expect((await get(`${path}/${hash}`)).status, path).toBe(401);
    }
    expect((await get(`http://127.0.0.1/blobs/${hash}`)).status).toBe(401);
    for (const path of ['//blobs', '/blobs%2f..', '/BLOBS', '/;/blobs', '/assets/blobs']) {
      const { body } = await get(`${path}/${hash}`);
      expect(body.includes(png), path).toBe(false);
    }
    for (const path of ['http://', `\\blobs/${hash}`]) expect((await get(path)).status).toBe(400);
    expect((await upload(png, { cookie: '' })).status).toBe(401);
    expect(await refusal(open({ cookie: 'tessera=1' }))).toBe(401);
    expect(studio.calls).toEqual([]);
  });
});

describe('the page', () => {
  test('comes with a strict policy and a nonce of its own each time', async () => {
    const [first, second] = [await get('/'), await get('/library?x=1')];
    const nonces = [first, second].map(({ body }) => /nonce="([\w-]{22})"/.exec(`${body}`)?.[1]);
    expect(nonces[0]).not.toBe(nonces[1]);
    const policy = String(first.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain(`style-src 'self' 'nonce-${nonces[0]}'`);
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('http:');
    expect(first.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });

  test('has files', async () => {
    const { status, headers, body } = await get('/assets/a.js');
    expect([status, headers['content-type'], String(body)]).toEqual([
      ...[200, 'text/javascript; charset=utf-8', 'void 0;'],
    ]);
    expect(headers['cache-control']).toContain('immutable');
    expect((await get('/assets/b.js')).status).toBe(404);
  });

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '//etc/passwd',
    '/etc/passwd',
    '/blobs/../secret.txt',
    '/blobs/..%2fsecret.txt',
    '/blobs/%00',
    '/index.html',
    'http://127.0.0.1/secret.txt',
    '/C:/Windows/win.ini',
  ])('is no way to other files: %s', async (path) => {
    const { status, body } = await get(path, { cookie });
    if (status === 200) expect(String(body)).toContain('csp-nonce');
    else expect(status).toBeGreaterThanOrEqual(400);
    expect(String(body)).not.toMatch(/secret$|root:/);
  });

  test('takes no other methods', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      const { status } = await send(server.port, '/blobs', { method, headers: admitted() });
      expect(status, method).toBeGreaterThanOrEqual(400);
    }
    const posted = await send(server.port, '/', { method: 'POST', headers: admitted() });
    expect(posted.status).toBe(405);
  });
});

describe('files', () => {
  test('come back as they were sent, for ever', async () => {
    const sent = await upload(png);
    expect(sent.status).toBe(200);
    const { hash } = JSON.parse(String(sent.body));
    const { status, headers, body } = await get(`/blobs/${hash}`, { cookie });
    expect(status).toBe(200);
    expect(body).toEqual(png);
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(png.length),
      'cache-control': 'private, max-age=31536000, immutable',
      'content-disposition': 'inline',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
  });

  test('are never pages, whatever they hold', async () => {
    const { hash } = JSON.parse(String((await upload(html)).body));
    const { headers } = await get(`/blobs/${hash}`, { cookie });
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toBe(`attachment; filename*=UTF-8''${hash}`);
  });

  test('are downloaded under a name that is only a name', async () => {
    const { hash } = JSON.parse(String((await upload(png)).body));
    const name = encodeURIComponent('../../a "b"\r\nx: y/ü.png');
    const { headers } = await get(`/blobs/${hash}?name=${name}`, { cookie });
    expect(headers['content-disposition']).toBe(
      "attachment; filename*=UTF-8''__.._a%20_b___x_%20y_%C3%BC.png",
    );
    expect(headers.x).toBeUndefined();
  });

  test('that do not exist are said to', async () => {
    for (const name of ['a'.repeat(64), 'A'.repeat(64), 'abc', 'a'.repeat(65)]) {
      const { status, body } = await get(`/blobs/${name}`, { cookie });
      expect(status).toBe(404);
      expect(JSON.parse(String(body)).message).toBe('the library has no such file');
    }
  });

  test('that are too large are refused by what they announce', async () => {
    const { status, body } = await upload(Buffer.alloc(limits.upload + 1));
    expect(status).toBe(413);
    expect(JSON.parse(String(body))).toMatchObject({ kind: 'input' });
  });

  test('that are too large are refused as they come', async () => {
    const { status, body } = await upload(Buffer.alloc(limits.upload + 1), {
      'transfer-encoding': 'chunked',
    });
    expect(status).toBe(422);
    expect(JSON.parse(String(body)).message).toContain('more than 100000 bytes');
  });
});

describe('the socket', () => {
  test('carries calls, refusals and faults', async () => {
    const socket = await opened();
    socket.send(JSON.stringify({ kind: 'call', id: 1, name: 'listTags', input: {} }));
    expect(await heard(socket)).toEqual({
      ...{ kind: 'result', id: 1 },
      output: { tags: [{ tag: 'cats', count: 2 }] },
    });
    socket.send(JSON.stringify({ kind: 'call', id: 2, name: 'addModel', input: { path: 'x' } }));
    expect(await heard(socket)).toMatchObject({
      ...{ kind: 'failure', id: 2 },
      failure: { kind: 'input', message: expect.stringContaining('model.ckpt') },
    });
    socket.send(JSON.stringify({ kind: 'call', id: 3, name: 'diagnostics', input: {} }));
    expect(await heard(socket)).toEqual({
      ...{ kind: 'failure', id: 3 },
      failure: { kind: 'fault', message: 'the disk burns' },
    });
    socket.close();
  });

  test('carries progress, and a cancellation back', async () => {
    const socket = await opened();
    socket.send(JSON.stringify({ kind: 'call', id: 7, name: 'composePreview', input: {} }));
    expect(await heard(socket)).toMatchObject({ kind: 'progress', id: 7, progress: { step: 1 } });
    socket.send(JSON.stringify({ kind: 'cancel', id: 7 }));
    expect(await heard(socket)).toEqual({
      ...{ kind: 'failure', id: 7 },
      failure: { kind: 'cancelled', message: 'cancelled at step 1' },
    });
    socket.close();
  });

  test('cancels what a window waited for when it goes', async () => {
    const socket = await opened();
    socket.send(JSON.stringify({ kind: 'call', id: 1, name: 'composePreview', input: {} }));
    await heard(socket);
    socket.terminate();
    await vi.waitFor(() => expect(studio.cancelled).toEqual(['composePreview']));
  });

  test('tells every window the events, and tells windows apart', async () => {
    const sockets = [await opened(), await opened()];
    const heardByAll = sockets.map(heard);
    studio.emit({ type: 'changed', what: 'models' });
    const event = { kind: 'event', event: { type: 'changed', what: 'models' } };
    expect(await Promise.all(heardByAll)).toEqual([event, event]);
    for (const socket of sockets) {
      socket.send(JSON.stringify({ kind: 'call', id: 1, name: 'listTags', input: {} }));
      await heard(socket);
      socket.close();
    }
    expect(new Set(studio.calls.map(({ windowId }) => windowId)).size).toBe(2);
  });

  test('answers a call that it does not know', async () => {
    const socket = await opened();
    socket.send(JSON.stringify({ kind: 'call', id: 4, name: 'constructor', input: {} }));
    expect(await heard(socket)).toMatchObject({
      ...{ kind: 'failure', id: 4 },
      failure: { kind: 'fault', message: expect.stringContaining('reload it') },
    });
    expect(studio.calls).toEqual([]);
    socket.close();
  });

  test.each([
    ['text that is not JSON', 'listTags'],
    ['something else than a message', '[1]'],
    ['bytes', Buffer.from('{}')],
  ])('is closed after %s', async (_, message) => {
    const socket = await opened();
    socket.send(message);
    expect((await once(socket, 'close'))[0]).toBe(1008);
  });

  test('is closed after a message over the limit', async () => {
    const socket = await opened();
    const input = 'x'.repeat(limits.message);
    socket.send(JSON.stringify({ kind: 'call', id: 1, name: 'listTags', input }));
    expect((await once(socket, 'close'))[0]).toBe(1009);
    expect(studio.calls).toEqual([]);
  });

  test('drops a window that does not read', async () => {
    const socket = await opened();
    socket.pause();
    const text = 'x'.repeat(100_000);
    const jobId = '00000000-0000-4000-8000-000000000000';
    const event = { type: 'trainingStep', jobId, variant: 'plain', step: 1 } as const;
    for (let sent = 0; sent < 200; sent++) {
      studio.emit({ ...event, figures: { [text]: sent } });
      await new Promise((done) => setImmediate(done));
    }
    socket.resume();
    expect((await once(socket, 'close'))[0]).toBe(1006);
  });
});

describe('the server', () => {
  test('is not reachable under the other addresses of this machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) {
      await expect(fetch(`http://${address}:${server.port}/`)).rejects.toThrow();
    }
    await expect(fetch(`http://[::1]:${server.port}/`)).rejects.toThrow();
  });

  test('says when its port is taken', async () => {
    const page = await readPage(join(folder, 'page'));
    const second = startServer({ studio, page, host: '127.0.0.1', port: server.port, limits });
    await expect(second).rejects.toThrow(PortTakenError);
  });

  test('says when its page was not built', async () => {
    await expect(readPage(join(folder, 'nowhere'))).rejects.toThrow('npm run build');
  });

  test('under a name of its own answers to that and to loopback names', async () => {
    const page = await readPage(join(folder, 'page'));
    const wide = await startServer({ studio, page, host: '0.0.0.0', port: 0, limits });
    const status = async (host: string) =>
      (await send(wide.port, '/', { headers: { host } })).status;
    expect(wide.newLink()).toContain(`http://127.0.0.1:${wide.port}/?key=`);
    expect(await status(`localhost:${wide.port}`)).toBe(200);
    expect(await status(`evil.example:${wide.port}`)).toBe(403);
    for (const list of Object.values(networkInterfaces())) {
      for (const { address, family } of list ?? []) {
        if (family === 'IPv4') expect(await status(`${address}:${wide.port}`)).toBe(200);
      }
    }
    await wide.close();
  });
});
