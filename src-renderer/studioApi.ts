import * as z from 'zod';
import { type BlobHash, blobHash } from '../src-shared/ids.ts';
import { errorText } from '../src-shared/parseInput.ts';
import type { CallFailure, ShellMessage } from '../src-shared/shellProtocol.ts';
import {
  type StudioCallName,
  type StudioInput,
  type StudioOutput,
  studioApi,
} from '../src-shared/studioApi.ts';
import type { CallProgress, StudioEvent } from '../src-shared/studioEvent.ts';
import { type ConnectionState, openConnection } from './studioConnection.ts';

/** The studio, as the window sees it: calls, events and files. */

// Compiled parsers need eval, which the content security policy forbids.
z.config({ jitless: true });

/** A call that did not succeed. `message` is for the user. */
export class StudioCallError extends Error {
  override name = 'StudioCallError';
  /** input: something given cannot be used. cancelled: as asked. fault: ours. lost: no connection. */
  readonly kind: CallFailure['kind'] | 'lost';

  constructor(kind: StudioCallError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CallProgress) => void;
}

interface Pending {
  readonly accept: (output: unknown) => void;
  readonly refuse: (error: Error) => void;
  readonly onProgress: CallOptions['onProgress'];
}

let lastId = 0;
const pending = new Map<number, Pending>();
const eventListeners = new Set<(event: StudioEvent) => void>();
const stateListeners = new Set<(state: ConnectionState) => void>();
/** Sent as soon as there is a connection for the first time. */
const waiting: (() => void)[] = [];

const connection = openConnection({ onMessage: receive, onState: changeState });

/** @throws {@link StudioCallError} */
export async function call<Name extends StudioCallName>(
  name: Name,
  input: StudioInput<Name>,
  { signal, onProgress }: CallOptions = {},
): Promise<StudioOutput<Name>> {
  if (signal?.aborted) throw cancelled();
  const id = ++lastId;
  const abort = new AbortController();
  const answer = new Promise<unknown>((accept, refuse) => {
    pending.set(id, { accept, refuse, onProgress });
    signal?.addEventListener('abort', () => giveUp(id), { signal: abort.signal });
    whenConnected(id, () => connection.send({ kind: 'call', id, name, input }));
  });
  try {
    return parseAnswer(name, await answer);
  } finally {
    abort.abort();
    pending.delete(id);
  }
}

/** @throws {@link StudioCallError} where it is not what the contract says */
function parseAnswer<Name extends StudioCallName>(name: Name, answer: unknown): StudioOutput<Name> {
  const { data, error } = studioApi[name].output.safeParse(answer);
  if (error) throw new StudioCallError('fault', errorText(error));
  return data as StudioOutput<Name>;
}

/** @returns ends the listening */
export function onStudioEvent(listener: (event: StudioEvent) => void): () => void {
  eventListeners.add(listener);
  return () => eventListeners.delete(listener);
}

/** Whether the studio can be reached. For `useSyncExternalStore`, with {@link onConnectionState}. */
export function connectionState(): ConnectionState {
  return connection.state;
}

/** @returns ends the listening */
export function onConnectionState(listener: (state: ConnectionState) => void): () => void {
  stateListeners.add(listener);
  return () => stateListeners.delete(listener);
}

/** Where a file of the library can be read, for `src` and `href`. `name` makes it a download of that name. */
export function blobUrl(hash: BlobHash, name?: string): string {
  return `/blobs/${hash}${name === undefined ? '' : `?name=${encodeURIComponent(name)}`}`;
}

export interface UploadOptions {
  readonly signal?: AbortSignal;
  /** @param share of the file that has been sent, 0 to 1 */
  readonly onProgress?: (share: number) => void;
}

/**
 * Gives a file to the library.
 *
 * @throws {@link StudioCallError}
 */
export async function uploadBlob(file: Blob, options: UploadOptions = {}): Promise<BlobHash> {
  if (options.signal?.aborted) throw cancelled();
  const { status, responseText } = await post('/blobs', file, options);
  if (status === 200) return z.object({ hash: blobHash }).parse(JSON.parse(responseText)).hash;
  const { kind, message } = uploadFailure(responseText, status);
  throw new StudioCallError(kind, message);
}

/** Where a dropped file or folder lies. Only Electron tells; undefined in a browser. */
export function pathOfFile(file: File): string | undefined {
  return window.tessera?.pathOf(file) || undefined;
}

/** The system's dialog for a checkpoint, where the shell has one. */
export const chooseModel = window.tessera?.chooseModel;

/** Saves several pictures in a folder, where the shell asks for one; elsewhere the browser downloads each by itself. */
export const savePictures = window.tessera?.savePictures;

/** Calls back when an entry of Electron's menu names a screen. */
export function onNavigate(listener: (path: string) => void): void {
  window.tessera?.onNavigate(listener);
}

function receive(message: ShellMessage): void {
  if (message.kind === 'event') {
    for (const listener of eventListeners) listener(message.event);
    return;
  }
  const request = pending.get(message.id);
  if (message.kind === 'progress') request?.onProgress?.(message.progress);
  else if (message.kind === 'result') request?.accept(message.output);
  else request?.refuse(new StudioCallError(message.failure.kind, message.failure.message));
}

function changeState(state: ConnectionState): void {
  if (state === 'connected') for (const send of waiting.splice(0)) send();
  else for (const { refuse } of pending.values()) refuse(lost(state));
  for (const listener of stateListeners) listener(state);
}

/** Before the first connection calls wait; once it is lost they fail, so that nothing is done much later unasked. */
function whenConnected(id: number, send: () => void): void {
  const { state } = connection;
  if (state === 'connected') send();
  else if (state === 'connecting') waiting.push(() => pending.has(id) && send());
  else pending.get(id)?.refuse(lost(state));
}

function giveUp(id: number): void {
  if (connection.state === 'connected') connection.send({ kind: 'cancel', id });
  pending.get(id)?.refuse(cancelled());
}

function post(path: string, file: Blob, { signal, onProgress }: UploadOptions) {
  const request = new XMLHttpRequest();
  return new Promise<XMLHttpRequest>((accept, refuse) => {
    request.open('POST', path);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total ? loaded / total : 1);
    request.onload = () => accept(request);
    request.onerror = () => refuse(lost(connection.state));
    request.onabort = () => refuse(cancelled());
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function uploadFailure(text: string, status: number): CallFailure {
  const failure = z.object({ kind: z.enum(['input', 'fault']), message: z.string() });
  try {
    return failure.parse(JSON.parse(text));
  } catch {
    return { kind: 'fault', message: `the file was not taken (status ${status})` };
  }
}

function cancelled(): StudioCallError {
  return new StudioCallError('cancelled', 'cancelled');
}

function lost(state: ConnectionState): StudioCallError {
  return new StudioCallError(
    'lost',
    state === 'refused'
      ? 'Tessera does not know this browser: open the newest link that the program has printed'
      : 'The connection to Tessera was lost; start the program again if it was stopped',
  );
}
