import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PortTakenError, startServer } from '../../../src-main/serve/server.ts';
import { readPage } from '../../../src-main/shell/page.ts';
import { send } from './httpClient.ts';
import {
  admitted,
  cookie,
  folder,
  get,
  limits,
  open,
  png,
  refusal,
  server,
  startSmallServer,
  studio,
  upload,
} from './smallServer.ts';

startSmallServer();

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
