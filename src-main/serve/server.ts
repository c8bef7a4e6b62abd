import { randomUUID } from 'node:crypto';
import websocketPlugin from '@fastify/websocket';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { codeOf } from '../../src-shared/caught.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { createFiles, parseRequestUrl, type ServeFile } from '../shell/files.ts';
import type { Page } from '../shell/page.ts';
import { securityHeaders } from '../shell/securityHeaders.ts';
import type { StudioPort } from '../shell/studioPort.ts';
import { openWindowSession } from '../shell/windowSession.ts';
import { type Admission, bracketed, createAdmission, foreignness, ownHosts } from './admission.ts';

export interface ServerOptions {
  readonly studio: StudioPort;
  readonly page: Page;
  /** An address of this machine, or a name of it. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly limits: ServerLimits;
  /** A browser that is not let in has opened a used link. Called once for each link. */
  readonly onUsedLink?: ((another: string) => void) | undefined;
}

/** All in bytes. */
export interface ServerLimits {
  /** One message of a window. */
  readonly message: number;
  /** What may wait to be read by a window that has fallen asleep. */
  readonly backlog: number;
}

export interface Server {
  readonly port: number;
  /** A link that lets one browser in, once. */
  newLink(): string;
  /** Ends every connection. The studio stays open. */
  close(): Promise<void>;
}

/** @throws InputError where the port or host cannot be had */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { studio, page, host, port, limits, onUsedLink } = options;
  const app = fastify({ logger: false, bodyLimit: limits.message, forceCloseConnections: true });
  const door = { admission: createAdmission(0), hosts: new Set<string>() as ReadonlySet<string> };
  let serveFile: ServeFile | undefined;

  // Before the hook, which needs its `request.ws`.
  await app.register(websocketPlugin, { options: { maxPayload: limits.message } });
  app.addHook('onRequest', async (request, reply) => {
    const refusal = foreignness(request.headers, door.hosts, changes(request));
    if (refusal) return turnAway(reply, 403, refusal);
    const url = parseRequestUrl(request.url);
    if (!url) return turnAway(reply, 400, 'the address is not one');
    if (needsToken(request, url.pathname) && !door.admission.isAdmitted(request.headers)) {
      return turnAway(reply, 401, 'open the newest link that the program has printed');
    }
  });
  // Whatever an upload is said to be, its bytes are what is kept.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_, payload, done) => done(null, payload));
  app.get('/session', async (_, reply) => reply.code(204).headers(securityHeaders).send());
  app.get('/socket', { websocket: true }, (socket) => connect(studio, socket, limits));
  app.route({
    method: ['GET', 'POST'],
    url: '/*',
    handler: async (request, reply) => {
      const key = keyOf(request);
      if (key === undefined) return serveFile?.(fileRequest(request));
      const { admission } = door;
      const isRefused = !admission.isAdmitted(request.headers) && admission.isSpent(key);
      if (isRefused) onUsedLink?.(newLink());
      return letIn(reply, admission, key);
    },
  });

  const actual = await listen(app, host, port);
  door.admission = createAdmission(actual);
  door.hosts = ownHosts(host, actual);
  serveFile = createFiles({ page, blobs: studio.blobs, freeBytes: studio.freeBytes });
  const newLink = () => `http://${linkHost(host)}:${actual}/?key=${door.admission.newKey()}`;
  const close = () => {
    // A window that has fallen asleep would not answer a farewell, and be waited for.
    for (const socket of app.websocketServer.clients) socket.terminate();
    return app.close();
  };
  return { port: actual, newLink, close };
}

/** A socket's beginning counts: it can call everything. */
function changes({ method, ws }: FastifyRequest): boolean {
  return method !== 'GET' || ws;
}

/**
 * The page itself is public code: a browser may have it, and then finds that it is not let in.
 *
 * @param path as files are found by it: what stands in the request may be written otherwise ("/x/../blobs")
 */
function needsToken(request: FastifyRequest, path: string): boolean {
  return changes(request) || /^\/(session|socket|blobs)(\/|$)/.test(path);
}

function turnAway(reply: FastifyReply, status: number, message: string) {
  return reply.code(status).headers(securityHeaders).send({ kind: 'input', message });
}

function keyOf({ url, method }: FastifyRequest): string | undefined {
  if (method !== 'GET' || !url.startsWith('/?')) return undefined;
  return new URLSearchParams(url.slice(2)).get('key') ?? undefined;
}

/** The key leaves the address, and so the history, at once. */
function letIn(reply: FastifyReply, admission: Admission, key: string) {
  const cookie = admission.redeem(key);
  if (cookie) reply.header('set-cookie', cookie);
  return reply.headers({ ...securityHeaders, 'cache-control': 'no-store' }).redirect('/', 303);
}

function fileRequest({ method, url, raw, headers }: FastifyRequest) {
  const length = headers['content-length'];
  return { method, url, body: raw, length: length === undefined ? undefined : Number(length) };
}

function connect(studio: StudioPort, socket: WebSocket, { backlog }: ServerLimits): void {
  const session = openWindowSession(studio, randomUUID(), (message) => {
    if (socket.readyState !== socket.OPEN) return;
    // The window asks anew for everything once it is back.
    if (socket.bufferedAmount > backlog) socket.terminate();
    else socket.send(JSON.stringify(message));
  });
  socket.on('message', (data, isBinary) => {
    try {
      if (isBinary) throw new Error('messages are text');
      session.receive(JSON.parse(String(data)));
    } catch {
      socket.close(1008, 'not understood');
    }
  });
  socket.on('close', () => session.close());
  // Such as a message over the limit; ws closes the connection itself.
  socket.on('error', () => {});
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EADDRINUSE') {
      throw new PortTakenError(
        `port ${port} is taken by another program; choose another with --port`,
      );
    }
    throw new InputError(
      `cannot listen at ${host}, port ${port} (${code ?? error}); give an address of this machine with --host, or another port with --port`,
    );
  }
  const address = app.server.address();
  if (!address || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** Another program, or another studio, listens there. */
export class PortTakenError extends InputError {
  override name = 'PortTakenError';
}

/** What a browser of this machine calls it. */
function linkHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : bracketed(host);
}
