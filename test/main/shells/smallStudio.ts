import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CancelledError } from '../../../src-main/engine/host.ts';
import type { StudioPort } from '../../../src-main/shell/studioPort.ts';
import { type BlobHash, blobHash } from '../../../src-shared/ids.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { JobStatus } from '../../../src-shared/jobRecord.ts';
import type { StudioCallName } from '../../../src-shared/studioApi.ts';
import type { StudioEvent } from '../../../src-shared/studioEvent.ts';

type CallOptions = Parameters<StudioPort['call']>[2];
type Handler = (input: unknown, options: CallOptions) => Promise<unknown>;

/** The port's other side, small: a few calls that need no library, and files in one folder. */
export interface SmallStudio extends StudioPort {
  emit(event: StudioEvent): void;
  /** Calls that were made, and those of them that were cancelled. */
  readonly calls: { readonly name: StudioCallName; readonly windowId: string }[];
  readonly cancelled: StudioCallName[];
  readonly isClosed: boolean;
  /** What its disk is said to have left, in bytes. */
  free: number;
  readonly jobs: JobStatus[];
  readonly settings: { theme: 'system' | 'light' | 'dark'; notices: boolean };
}

export function createSmallStudio(folder: string): SmallStudio {
  const listeners = new Set<(event: StudioEvent) => void>();
  const calls: SmallStudio['calls'] = [];
  const cancelled: StudioCallName[] = [];
  let isClosed = false;
  const handlers: Partial<Record<StudioCallName, Handler>> = {
    listJobs: async () => ({ jobs: studio.jobs }),
    getSettings: async () => studio.settings,
    listTags: async () => ({ tags: [{ tag: 'cats', count: 2 }] }),
    addModel: async () => {
      throw new InputError('model.ckpt is a pickle; convert it to .safetensors');
    },
    diagnostics: async () => {
      throw new Error('the disk burns');
    },
    // Ends only when it is cancelled.
    composePreview: (_, { signal, onProgress }) =>
      new Promise((_done, refuse) => {
        onProgress({ phase: 'picture 1 of 1', step: 1, total: 20 });
        signal.addEventListener('abort', () => {
          cancelled.push('composePreview');
          refuse(new CancelledError('cancelled at step 1'));
        });
      }),
  };
  const studio: SmallStudio = {
    calls,
    cancelled,
    free: 100_000,
    jobs: [],
    settings: { theme: 'system', notices: true },
    freeBytes: async () => studio.free,
    get isClosed() {
      return isClosed;
    },
    call: async (name, input, options) => {
      calls.push({ name, windowId: options.windowId });
      const handler = handlers[name];
      if (!handler) throw new Error(`the small studio has no ${name}`);
      return handler(input, options);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    blobs: {
      path: (hash) => join(folder, hash),
      has: (hash) => existsSync(join(folder, hash)),
      receive: (bytes, { limit }) => receive(folder, bytes, limit),
    },
    close: async () => {
      isClosed = true;
    },
  };
  return studio;
}

async function receive(
  folder: string,
  bytes: Readable,
  limit: number,
): Promise<{ hash: BlobHash }> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  if (whole.length > limit) throw new InputError(`the file has more than ${limit} bytes`);
  const hash = blobHash.parse(createHash('sha256').update(whole).digest('hex'));
  await writeFile(join(folder, hash), whole);
  return { hash };
}
