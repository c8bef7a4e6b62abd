import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startServer } from '../../../src-main/serve/server.ts';
import { readPage } from '../../../src-main/shell/page.ts';
import { send } from './httpClient.ts';
import { folder, heard, limits, opened, startSmallServer, studio } from './smallServer.ts';

startSmallServer();

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

  test('of a window that has fallen asleep does not hold the end up', async () => {
    const page = await readPage(join(folder, 'page'));
    const ending = await startServer({ studio, page, host: '127.0.0.1', port: 0, limits });
    const link = new URL(ending.newLink());
    const { headers } = await send(ending.port, link.pathname + link.search);
    const socket = new WebSocket(`ws://${link.host}/socket`, {
      headers: { origin: link.origin, cookie: headers['set-cookie']?.[0]?.split(';')[0] },
    });
    await once(socket, 'open');
    socket.pause();
    await ending.close();
    socket.terminate();
  }, 10_000);

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
