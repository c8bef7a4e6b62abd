import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type BlobHash, blobHash } from '../../../src-shared/ids.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { putText, testLibraries } from '../../support/testLibrary.ts';

const { open, newFolder } = testLibraries();

function hashOf(text: string): BlobHash {
  return blobHash.parse(createHash('sha256').update(text).digest('hex'));
}

test('a file is named by what is in it, and kept once', async () => {
  const { blobs, folder } = open();
  const hash = await blobs.put(Buffer.from('hello'));
  expect(hash).toBe(hashOf('hello'));
  expect(await blobs.put(Buffer.from('hello'))).toBe(hash);
  expect(blobs.path(hash)).toBe(join(folder, 'blobs', hash.slice(0, 2), hash));
  expect(readFileSync(blobs.path(hash), 'utf8')).toBe('hello');
  expect((await blobs.read(hash)).toString()).toBe('hello');
  expect(blobs.bytes(hash)).toBe(5);
  expect(blobs.total()).toEqual({ blobs: 1, bytes: 5 });
});

test('an empty file is a file', async () => {
  const { blobs } = open();
  const hash = await blobs.put(new Uint8Array());
  expect(blobs.has(hash)).toBe(true);
  expect(await blobs.read(hash)).toHaveLength(0);
});

test('what is not there is refused by its name, and no name leads out of the store', async () => {
  const library = open();
  const missing = hashOf('missing');
  expect(library.blobs.has(missing)).toBe(false);
  expect(() => library.blobs.path(missing)).toThrow(`the file ${missing.slice(0, 12)}`);
  await expect(library.blobs.read(missing)).rejects.toThrow(InputError);
  const outside = '../../library.sqlite' as BlobHash;
  expect(library.blobs.has(outside)).toBe(false);
  expect(() => library.blobs.path(outside)).toThrow(InputError);
});

test('a finished file is moved in', async () => {
  const { blobs, folder } = open();
  const path = join(newFolder(), 'concept.safetensors');
  for (const _ of ['new', 'known already']) {
    writeFileSync(path, 'rows');
    expect(await blobs.putFile(path)).toEqual({ hash: hashOf('rows'), bytes: 4 });
    expect(existsSync(path)).toBe(false);
  }
  expect(readFileSync(blobs.path(hashOf('rows')), 'utf8')).toBe('rows');
  expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
});

test('a stream is taken up to its limit', async () => {
  const { blobs, folder } = open();
  const stream = () => Readable.from([Buffer.from('ab'), Buffer.from('cde')]);
  expect(await blobs.receive(stream(), { limit: 5 })).toEqual({ hash: hashOf('abcde'), bytes: 5 });
  await expect(blobs.receive(stream(), { limit: 4 })).rejects.toThrow(/InputError|larger than 4/);
  expect(blobs.total().blobs).toBe(1);
  expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
});

test('a stream that breaks off leaves nothing', async () => {
  const { blobs, folder } = open();
  const broken = new Readable({ read() {} });
  broken.push('some bytes');
  const received = blobs.receive(broken, { limit: 100 });
  setTimeout(() => broken.destroy(), 20);
  await expect(received).rejects.toThrow('did not arrive whole');
  expect(blobs.total().blobs).toBe(0);
  expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
});

test('a file that was damaged or lost can be put again', async () => {
  const library = open();
  const hash = await putText(library, 'hello');
  writeFileSync(library.blobs.path(hash), 'hel');
  expect(library.blobs.has(hash)).toBe(false);
  await putText(library, 'hello');
  expect((await library.blobs.read(hash)).toString()).toBe('hello');
});

test('the same file sent many times at once is kept once', async () => {
  const { blobs } = open();
  const content = Buffer.alloc(300_000, 7);
  const send = () => blobs.receive(Readable.from([content]), { limit: content.length });
  const kept = await Promise.all(Array.from({ length: 8 }, send));
  expect(new Set(kept.map(({ hash }) => hash)).size).toBe(1);
  expect(blobs.total()).toEqual({ blobs: 1, bytes: content.length });
});
