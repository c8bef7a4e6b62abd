import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, rmSync, statSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '../../src-shared/caught.ts';
import { type BlobHash, blobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { relaxed, type WritableDatabase } from './database.ts';
import { flushFolder, moveDurably } from './durableFiles.ts';

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
  /**
   * Keeps a finished file by moving it in; afterwards it is no longer at its path.
   *
   * @param onBytes hears how many bytes were read to know its hash; what it throws leaves the file where it is
   */
  putFile(path: string, onBytes?: (read: number) => void): Promise<KeptFile>;
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

/** Where a file lies in a library's folder. */
export function blobPath(folder: string, hash: string): string {
  return join(folder, 'blobs', hash.slice(0, 2), hash);
}

/** Makes the store's folders, all at once. */
export function makeStore(folder: string): void {
  for (let first = 0; first < 256; first++) {
    const name = first.toString(16).padStart(2, '0');
    mkdirSync(join(folder, 'blobs', name), { recursive: true });
  }
  flushFolder(join(folder, 'blobs'));
}

/** Where files are written before they are whole. What a crash leaves there is deleted at the next start. */
export const incomingFolder = (folder: string): string => join(folder, 'incoming');

export function createBlobStore(database: WritableDatabase, folder: string): BlobStore {
  const keepRow = database.prepare(
    `INSERT INTO blobs (hash, bytes, kept_at) VALUES (?, ?, ?)
     ON CONFLICT (hash) DO UPDATE SET kept_at = excluded.kept_at, bytes = excluded.bytes`,
  );
  const findRow = database.prepare<[string], { bytes: number }>(
    'SELECT bytes FROM blobs WHERE hash = ?',
  );
  const sum = database.prepare<[], { blobs: number; bytes: number }>(
    'SELECT count(*) AS blobs, coalesce(sum(bytes), 0) AS bytes FROM blobs',
  );

  const sizeOnDisk = (hash: string) =>
    statSync(blobPath(folder, hash), { throwIfNoEntry: false })?.size;
  const has = (hash: BlobHash) => {
    const row = blobHash.safeParse(hash).success ? findRow.get(hash) : undefined;
    return row !== undefined && sizeOnDisk(hash) === row.bytes;
  };

  /** In one go, without a pause in which a collection could run: the file is there before its row is. */
  function moveIn(temporary: string, hash: BlobHash, bytes: number): KeptFile {
    if (sizeOnDisk(hash) === bytes) rmSync(temporary);
    else moveDurably(temporary, blobPath(folder, hash));
    touch(hash, bytes);
    return { hash, bytes };
  }

  /** Without waiting for the disk: the commit of the row that needs the file waits for this one too. */
  const touch = (hash: BlobHash, bytes: number) =>
    relaxed(database, () => keepRow.run(hash, bytes, Date.now()));

  const require = (hash: BlobHash): string => {
    if (has(hash)) return blobPath(folder, hash);
    throw new InputError(`The library does not have the file ${String(hash).slice(0, 12)}...`);
  };

  async function receive(content: Readable, { limit }: { limit: number }): Promise<KeptFile> {
    const temporary = join(incomingFolder(folder), randomUUID());
    try {
      const { hash, bytes } = await writeHashed(content, temporary, limit);
      return moveIn(temporary, hash, bytes);
    } catch (error) {
      await rm(temporary, { force: true });
      throw brokenOff(error);
    }
  }

  return {
    async put(bytes) {
      const hash = blobHash.parse(createHash('sha256').update(bytes).digest('hex'));
      if (has(hash)) touch(hash, bytes.byteLength);
      else await receive(Readable.from([bytes]), { limit: bytes.byteLength });
      return hash;
    },
    async putFile(path, onBytes) {
      const { hash, bytes } = await hashFile(path, onBytes);
      try {
        return moveIn(path, hash, bytes);
      } catch (error) {
        if (!isOnOtherDisk(error)) throw error;
        const kept = await receive(createReadStream(path), { limit: bytes });
        await rm(path);
        return kept;
      }
    },
    receive,
    path: require,
    read: async (hash) => readFile(require(hash)),
    has,
    bytes: (hash) => statSync(require(hash)).size,
    total: () => sum.get()!,
  };
}

/** Writes a stream to a new file, flushed to the disk. */
async function writeHashed(content: Readable, path: string, limit: number): Promise<KeptFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Uint8Array, _, done) {
      bytes += chunk.byteLength;
      if (bytes > limit) {
        done(new InputError(`The file is larger than ${limit} bytes, the most that is taken`));
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(content, meter, createWriteStream(path, { flags: 'wx', flush: true }));
  return { hash: blobHash.parse(hash.digest('hex')), bytes };
}

async function hashFile(path: string, onBytes?: (read: number) => void): Promise<KeptFile> {
  const hash = createHash('sha256');
  const file = await open(path, 'r+');
  try {
    await file.sync();
    let bytes = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes?.(bytes);
    }
    return { hash: blobHash.parse(hash.digest('hex')), bytes };
  } finally {
    await file.close();
  }
}

const isOnOtherDisk = (error: unknown) => codeOf(error) === 'EXDEV';

/** A sender that went away is no fault of ours. */
function brokenOff(error: unknown): unknown {
  const codes = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'ABORT_ERR'];
  if (!codes.includes(codeOf(error) ?? '')) return error;
  return new InputError('The file did not arrive whole; send it again', { cause: error });
}
