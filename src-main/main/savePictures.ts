import { constants } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { join, parse } from 'node:path';
import * as z from 'zod';
import { codeOf } from '../../src-shared/caught.ts';
import { blobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { SavedPictures } from '../../src-shared/windowBridge.ts';
import { blobType, headLength } from '../shell/blobType.ts';
import { plainFileName } from '../shell/plainFileName.ts';
import type { BlobPort } from '../shell/studioPort.ts';

/** What a page asks to be saved: pictures of the library, and how their files are to be called. */
export const picturesToSave = z.array(z.strictObject({ hash: blobHash, name: z.string() }));

/**
 * Copies pictures into a folder. A name that is taken there gets a number: nothing is overwritten.
 *
 * @returns how many were saved, and why not all were
 */
export async function savePictures(
  folder: string,
  pictures: z.infer<typeof picturesToSave>,
  blobs: Pick<BlobPort, 'path'>,
): Promise<SavedPictures> {
  const save = createSaver(folder);
  let saved = 0;
  try {
    for (const { hash, name } of pictures) {
      await save(await pathOfPicture(blobs, hash), pictureFileName(name));
      saved += 1;
    }
    return { saved };
  } catch (error) {
    return { saved, problem: problemOf(error) };
  }
}

/** Whatever gets into the page, it leaves no programs in the user's folders: neither by name nor by content. */
function pictureFileName(name: string): string {
  const plain = plainFileName(name);
  return /\.(png|jpe?g|webp|avif)$/i.test(plain) ? plain : `${plain}.png`;
}

async function pathOfPicture(
  blobs: Pick<BlobPort, 'path'>,
  hash: z.infer<typeof blobHash>,
): Promise<string> {
  const path = blobs.path(hash);
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    if (blobType(buffer.subarray(0, bytesRead)).startsWith('image/')) return path;
  } finally {
    await file.close();
  }
  throw new InputError('One of the files is no picture');
}

function createSaver(folder: string) {
  /** How often a name was given: the numbers before that are taken. */
  const given = new Map<string, number>();
  return async (from: string, name: string): Promise<void> => {
    for (let number = (given.get(name) ?? 0) + 1; ; number++) {
      given.set(name, number);
      if (await copied(from, join(folder, numbered(name, number)))) return;
    }
  };
}

function numbered(name: string, number: number): string {
  const { name: stem, ext } = parse(name);
  return number === 1 ? name : `${stem} (${number})${ext}`;
}

/** @returns false where there is something of that name */
async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Without paths, which a page does not learn. */
function problemOf(error: unknown): string {
  if (error instanceof InputError) return error.message;
  const code = codeOf(error);
  if (code === 'ENOSPC') return 'The disk of the chosen folder is full. Choose a folder elsewhere';
  return `The chosen folder cannot be written (${code ?? error}). Choose another one`;
}
