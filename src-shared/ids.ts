import * as z from 'zod';

/** Names that the library gives to what it keeps. */

/** Of a row: a random UUID. */
export const rowId = z.uuid('expected the id of something in the library');

/** Of a file that the library keeps: the SHA-256 of its bytes, in hexadecimal. `/blobs/HASH` serves it. */
export const blobHash = z
  .string('expected the hash of a file')
  .regex(/^[0-9a-f]{64}$/, 'expected the hash of a file, 64 hexadecimal digits')
  .brand<'BlobHash'>();

export type BlobHash = z.infer<typeof blobHash>;

/** Milliseconds since 1970, UTC. */
export const timestamp = z.int().nonnegative();

/** A slice of a long list. */
export const slice = {
  offset: z.int().nonnegative().default(0),
  limit: z.int().min(1).max(500).default(100),
};
