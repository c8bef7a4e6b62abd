import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { messageOf } from '../../src-shared/caught.ts';
import { type BlobHash, blobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { blobType, headLength } from './blobType.ts';
import type { Page } from './page.ts';
import { plainFileName } from './plainFileName.ts';
import { contentSecurityPolicy, securityHeaders } from './securityHeaders.ts';
import type { BlobPort } from './studioPort.ts';

/** The files that a shell gives and takes: the page, and the library's blobs by hash. Nothing else has a name here. */

export interface FileRequest {
  readonly method: string;
  /** Path and query. The host is the shell's matter. */
  readonly url: string;
  /** Bytes of the body, as announced. */
  readonly length?: number | undefined;
  readonly body?: Readable | undefined;
}

export interface FilesOptions {
  readonly page: Page;
  readonly blobs: BlobPort;
  /** Bytes that the disk of the library has left. An upload may have no more. */
  readonly freeBytes: () => Promise<number>;
}

export type ServeFile = (request: FileRequest) => Promise<Response>;

/** @returns answers requests; never throws */
export function createFiles({ page, blobs, freeBytes }: FilesOptions): ServeFile {
  async function answer(request: FileRequest): Promise<Response> {
    const url = parseRequestUrl(request.url);
    if (!url) return refuse(400, 'the address is not one');
    const { pathname, searchParams } = url;
    if (pathname === '/blobs' && request.method === 'POST') {
      return receiveBlob(blobs, request, await freeBytes());
    }
    if (request.method !== 'GET') return refuse(405, 'this is only read');
    const hash = /^\/blobs\/([^/]+)$/.exec(pathname)?.[1];
    if (hash !== undefined) return sendBlob(blobs, hash, searchParams.get('name'));
    return sendPage(page, pathname);
  }

  return (request) =>
    answer(request)
      .catch((error) => failure(error))
      .then(secured);
}

/** @param url path and query, or a whole address, of which only those count */
export function parseRequestUrl(url: string): URL | undefined {
  return URL.parse(url, 'http://tessera.invalid') ?? undefined;
}

/** Every path without a dot is a screen, so the page itself. */
function sendPage(page: Page, path: string): Response {
  const file = page.files.get(path);
  if (file) {
    const caching = path.startsWith('/assets/') ? immutable : 'no-cache';
    return new Response(file.bytes, { headers: headers(file.type, caching) });
  }
  if (path.includes('.') || path.startsWith('/assets/'))
    return refuse(404, 'there is no such file');
  const nonce = randomBytes(16).toString('base64url');
  const answer = new Response(page.index(nonce), {
    headers: headers('text/html; charset=utf-8', 'no-store'),
  });
  answer.headers.set('content-security-policy', contentSecurityPolicy(nonce));
  return answer;
}

const immutable = 'private, max-age=31536000, immutable';

function headers(type: string, caching: string): Record<string, string> {
  return { 'content-type': type, 'cache-control': caching };
}

async function sendBlob(blobs: BlobPort, name: string, download: string | null) {
  const hash = blobHash.safeParse(name);
  if (!hash.success || !blobs.has(hash.data)) {
    return refuse(404, 'the library has no such file');
  }
  return readBlob(blobs.path(hash.data), hash.data, download);
}

async function readBlob(path: string, hash: BlobHash, download: string | null): Promise<Response> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    const type = blobType(head.buffer.subarray(0, head.bytesRead));
    // From the start: reading the head at a position has moved nothing.
    const stream = Readable.toWeb(file.createReadStream()) as ReadableStream<Uint8Array>;
    const answer = new Response(stream, { headers: headers(type, immutable) });
    answer.headers.set('content-length', String(size));
    answer.headers.set('etag', `"${hash}"`);
    answer.headers.set('content-disposition', disposition(type, download ?? undefined, hash));
    return answer;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function disposition(type: string, name: string | undefined, hash: string): string {
  if (name === undefined && type.startsWith('image/')) return 'inline';
  const encoded = encodeURIComponent(plainFileName(name ?? hash)).replace(/['()*]/g, percentEncode);
  return `attachment; filename*=UTF-8''${encoded}`;
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

async function receiveBlob(
  blobs: BlobPort,
  { body, length }: FileRequest,
  free: number,
): Promise<Response> {
  if (!body) return refuse(400, 'the upload holds nothing');
  if (length !== undefined && length > free) {
    await drain(body);
    return refuse(413, tooLarge(length, free));
  }
  const { hash } = await blobs.receive(body, { limit: free });
  return Response.json({ hash }, { headers: { 'cache-control': 'no-store' } });
}

/** Browsers read an answer only after they have sent everything; cut off, they would report a broken connection. */
async function drain(body: Readable): Promise<void> {
  for await (const _ of body);
}

function tooLarge(length: number, free: number): string {
  const [needed, left] = [Math.ceil(length / 1e6), Math.floor(free / 1e6)];
  return `The file has ${needed} MB, and the disk of the library has ${left} MB left. Free some space on it and try again`;
}

function failure(error: unknown): Response {
  const message = messageOf(error);
  if (error instanceof InputError) return refuse(422, message);
  if (process.env.TESSERA_DEBUG && error instanceof Error) console.error(error.stack);
  return refuse(500, message);
}

function refuse(status: number, message: string): Response {
  const kind = status >= 500 ? 'fault' : 'input';
  return Response.json({ kind, message }, { status, headers: { 'cache-control': 'no-store' } });
}

function secured(response: Response): Response {
  for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value);
  if (!response.headers.has('content-security-policy')) {
    // Of a file that is opened by itself.
    response.headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  }
  return response;
}
