import type { Readable } from 'node:stream';
import type { BlobHash } from '../../src-shared/ids.ts';

/** What came of keeping a file. */
export interface KeptFile {
  readonly hash: BlobHash;
  readonly bytes: number;
}

/**
 * Files of the library, named by the SHA-256 of what is in them: `blobs/ab/abcdef...`. A file never changes. One that no
 * row needs is deleted by the next collection after its minimum age (see garbage.ts).
 *
 * Every method that writes throws InputError where the disk is full or read-only, and leaves nothing behind.
 */
export interface BlobStore {
  /** Keeps these bytes. */
  put(bytes: Uint8Array): Promise<BlobHash>;
  /** Keeps a finished file by moving it in; afterwards it is no longer at its path. */
  putFile(path: string): Promise<KeptFile>;
  /**
   * Keeps what a stream brings.
   *
   * @throws InputError where it brings more than `limit` bytes, or breaks off; nothing is kept then
   */
  receive(content: Readable, options: { readonly limit: number }): Promise<KeptFile>;
  /** Where the file lies; it may only be read. @throws InputError where the library does not have it */
  path(hash: BlobHash): string;
  /** @throws InputError where the library does not have it */
  read(hash: BlobHash): Promise<Buffer>;
  has(hash: BlobHash): boolean;
  /** Size of the file. @throws InputError where the library does not have it */
  bytes(hash: BlobHash): number;
  /** How many files there are, and their bytes together. */
  total(): { readonly blobs: number; readonly bytes: number };
}
