import type { Readable } from 'node:stream';
import type { BlobHash } from '../../src-shared/ids.ts';
import type { StudioCallName } from '../../src-shared/studioApi.ts';
import type { CallProgress, StudioEvent } from '../../src-shared/studioEvent.ts';

/** What a shell needs of the studio. */
export interface StudioPort {
  /**
   * @param windowId tells the windows apart
   * @returns what JSON can carry
   * @throws InputError when something given cannot be used, CancelledError after `signal`, Error for faults
   */
  call(
    name: StudioCallName,
    input: unknown,
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: CallProgress) => void;
      readonly windowId: string;
    },
  ): Promise<unknown>;
  /** @returns ends the listening */
  subscribe(listener: (event: StudioEvent) => void): () => void;
  readonly blobs: BlobPort;
  /** Bytes that the disk of the library has left. */
  freeBytes(): Promise<number>;
  /** Running jobs are stopped at a checkpoint and go on at the next start. */
  close(): Promise<void>;
}

/** The files of the library. */
export interface BlobPort {
  /** @throws InputError where there are more bytes than `limit` */
  receive(
    content: Readable,
    options: { readonly limit: number },
  ): Promise<{ readonly hash: BlobHash }>;
  path(hash: BlobHash): string;
  has(hash: BlobHash): boolean;
}
