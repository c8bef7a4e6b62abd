/**
 * Zip archives as torch.save writes them, read by their central directory (APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and
 * 4.3.16): entries are stored or deflated, in one file of less than 4 GiB, without encryption.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { InputError } from '../../../src-shared/inputError.ts';
import { readInto, withFile } from './fileAccess.ts';
import { quote } from './storedValues.ts';

/** Bytes of one entry that is held in memory whole. */
const entryLimit = 2 ** 30;
const directoryLimit = 2 ** 26;
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
const entryLength = 46;
const localLength = 30;
const largestComment = 0xffff;
/** Stands where a zip64 archive has its number elsewhere. */
const elsewhere = 0xffffffff;
const stored = 0;
const deflated = 8;
const encryptedFlag = 1;

export interface ZipEntry {
  /** Of its bytes once they are unpacked. */
  readonly size: number;
  readonly packedSize: number;
  readonly method: number;
  readonly checksum: number;
  /** Of its local header, counted from the start of the file. */
  readonly headerOffset: number;
}

export interface ZipArchive {
  readonly path: string;
  readonly entries: ReadonlyMap<string, ZipEntry>;
}

/** Reads the directory of an archive, and nothing else. @throws InputError where it is damaged, or of another kind */
export function openZip(path: string): ZipArchive {
  return withFile(path, (descriptor, fileSize) => {
    const end = readEnd(descriptor, fileSize, path);
    const count = end.readUInt16LE(10);
    const [length, offset] = [end.readUInt32LE(12), end.readUInt32LE(16)];
    if (offset === elsewhere) throw refusal(path, 'is larger than 4 GiB (zip64)');
    if (length > directoryLimit || offset + length > fileSize) {
      throw damaged(path, `its directory claims bytes ${offset} to ${offset + length}`);
    }
    const directory = readInto(descriptor, Buffer.alloc(length), offset, path);
    return { path, entries: parseDirectory(path, directory, count) };
  });
}

/** The record at the end of the file, behind which only a comment may stand. */
function readEnd(descriptor: number, fileSize: number, path: string): Buffer {
  const length = Math.min(fileSize, endLength + largestComment);
  const tail = readInto(descriptor, Buffer.alloc(length), fileSize - length, path);
  for (let at = length - endLength; at >= 0; at--) {
    if (tail.readUInt32LE(at) === endSignature) return tail.subarray(at);
  }
  throw damaged(path, 'it has no directory at its end');
}

function parseDirectory(path: string, directory: Buffer, count: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let index = 0; index < count; index++) {
    const fits = at + entryLength <= directory.length;
    if (!fits || directory.readUInt32LE(at) !== entrySignature) {
      throw damaged(path, `its directory has ${index} entries, expected ${count}`);
    }
    const [nameLength, ...others] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const nameEnd = at + entryLength + nameLength;
    const name = directory.toString('utf8', at + entryLength, nameEnd);
    if (entries.has(name)) throw damaged(path, `two entries are named ${quote(name)}`);
    entries.set(name, parseEntry(path, name, directory.subarray(at)));
    at = nameEnd + others[0] + others[1];
  }
  return entries;
}

function parseEntry(path: string, name: string, record: Buffer): ZipEntry {
  const entry = {
    method: record.readUInt16LE(10),
    checksum: record.readUInt32LE(16),
    packedSize: record.readUInt32LE(20),
    size: record.readUInt32LE(24),
    headerOffset: record.readUInt32LE(42),
  };
  if ([entry.packedSize, entry.size, entry.headerOffset].includes(elsewhere)) {
    throw refusal(path, `has an entry ${quote(name)} of more than 4 GiB (zip64)`);
  }
  if (record.readUInt16LE(8) & encryptedFlag) throw refusal(path, 'is encrypted');
  if (entry.method !== stored && entry.method !== deflated) {
    throw refusal(path, `has an entry ${quote(name)} packed by method ${entry.method}`);
  }
  if (entry.method === stored && entry.packedSize !== entry.size) {
    throw damaged(path, `entry ${quote(name)} is stored, but has two sizes`);
  }
  return entry;
}

/**
 * Bytes of an entry, all of them or those from `start` to `end`: of a stored one only these are read, and only all
 * together are compared with their checksum.
 *
 * @throws InputError where they are not there, too many, or others than the checksum says
 */
export function readZipEntry(
  { path, entries }: ZipArchive,
  name: string,
  start = 0,
  end = entries.get(name)?.size ?? 0,
): Buffer {
  const entry = entries.get(name);
  if (!entry) throw damaged(path, `it has no entry ${quote(name)}`);
  const isWhole = start === 0 && end === entry.size;
  const bytes =
    entry.method === stored
      ? readPacked(path, name, entry, start, end)
      : unpack(path, name, entry).subarray(start, end);
  if (isWhole && crc32(bytes) !== entry.checksum) {
    throw damaged(path, `entry ${quote(name)} has another checksum than its directory says`);
  }
  return bytes;
}

function readPacked(
  path: string,
  name: string,
  { packedSize, headerOffset }: ZipEntry,
  start: number,
  end: number,
): Buffer {
  return withFile(path, (descriptor, fileSize) => {
    const header = readInto(descriptor, Buffer.alloc(localLength), headerOffset, path);
    const dataOffset =
      headerOffset + localLength + header.readUInt16LE(26) + header.readUInt16LE(28);
    if (header.readUInt32LE(0) !== localSignature || dataOffset + packedSize > fileSize) {
      throw damaged(path, `entry ${quote(name)} is not where its directory says`);
    }
    if (end - start > entryLimit) throw tooLarge(path, name, end - start);
    return readInto(descriptor, Buffer.alloc(end - start), dataOffset + start, path);
  });
}

function unpack(path: string, name: string, entry: ZipEntry): Buffer {
  if (entry.size > entryLimit) throw tooLarge(path, name, entry.size);
  const packed = readPacked(path, name, entry, 0, entry.packedSize);
  const bytes = inflate(packed, entry.size);
  if (bytes?.length === entry.size) return bytes;
  throw damaged(path, `entry ${quote(name)} does not unpack to ${entry.size} bytes`);
}

/** Undefined where they are damaged, or give more bytes than that. */
function inflate(packed: Buffer, size: number): Buffer | undefined {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    return undefined;
  }
}

function tooLarge(path: string, name: string, size: number): InputError {
  return refusal(path, `has an entry ${quote(name)} of ${size} bytes, the limit is ${entryLimit}`);
}

function refusal(path: string, what: string): InputError {
  return new InputError(`${path}: the archive ${what}: convert the file to .safetensors`);
}

function damaged(path: string, what: string): InputError {
  return new InputError(`${path}: ${what}: the archive is damaged or incomplete`);
}
