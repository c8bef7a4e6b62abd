import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { protocol } from 'electron';
import type { ServeFile } from '../shell/files.ts';
import { isOurs, scheme } from './origin.ts';

/** Before the app is ready: makes the protocol one like https, with storage, fetch and streams. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true };
  protocol.registerSchemesAsPrivileged([{ scheme, privileges }]);
}

/** Serves page and files as the loopback shell does. Only pages of this app can ask: others do not know the protocol. */
export function serveProtocol(serveFile: ServeFile): void {
  protocol.handle(scheme, async (request) => {
    if (!isOurs(request.url)) return new Response('not found', { status: 404 });
    const { pathname, search } = new URL(request.url);
    const length = request.headers.get('content-length');
    return serveFile({
      method: request.method,
      url: pathname + search,
      length: length === null ? undefined : Number(length),
      body: request.body ? Readable.fromWeb(request.body as ReadableStream) : undefined,
    });
  });
}
