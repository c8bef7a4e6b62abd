import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createFiles } from '../../../src-main/shell/files.ts';
import { cookie, get, png, startSmallServer, studio, upload } from './smallServer.ts';

const html = Buffer.from('<html><script>alert(1)</script></html>');

startSmallServer();

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

  test.each(['application/json', 'text/plain'])('are kept as sent, as %s', async (type) => {
    const { status, body } = await upload(html, { 'content-type': type });
    expect(status).toBe(200);
    const { hash } = JSON.parse(String(body));
    expect((await get(`/blobs/${hash}`, { cookie })).body).toEqual(html);
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

  test('that the disk has no room for are refused by what they announce', async () => {
    const { status, body } = await upload(Buffer.alloc(studio.free + 1));
    expect(status).toBe(413);
    expect(JSON.parse(String(body))).toEqual({
      kind: 'input',
      message:
        'The file has 1 MB, and the disk of the library has 0 MB left. Free some space on it and try again',
    });
  });

  test('may be as large as the disk has room for', async () => {
    const serveFile = createFiles({
      page: { files: new Map(), index: () => '' },
      blobs: studio.blobs,
      freeBytes: async () => 100e9,
    });
    const announce = (length: number) =>
      serveFile({ method: 'POST', url: '/blobs', length, body: Readable.from([png]) });
    expect((await announce(100e9)).status).toBe(200);
    expect((await announce(100e9 + 1)).status).toBe(413);
  });

  test('that the disk has no room for are refused as they come', async () => {
    const { status, body } = await upload(Buffer.alloc(studio.free + 1), {
      'transfer-encoding': 'chunked',
    });
    expect(status).toBe(422);
    expect(JSON.parse(String(body)).message).toContain('more than 100000 bytes');
  });
});
