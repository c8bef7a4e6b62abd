import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp, { type Metadata } from 'sharp';
import { messageOf } from '../../src-shared/caught.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import type { BlobStore } from '../library/blobs.ts';
import { isHevc, maximumPixels } from '../pictureFiles/photoFile.ts';
import { suggestCrop } from './suggestCrop.ts';
import { drawThumbnail } from './thumbnail.ts';

type Imported = StudioOutput<'importPhoto'>;

/** Smaller ones hold nothing to learn. */
const minimumSide = 32;

/** What the content may be, whatever the name says. 'heif' is AVIF and HEIC. */
const formats: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'heif', 'tiff', 'gif']);
/** Formats that have lost something already: a JPEG of high quality keeps what is left at a fraction of the size. */
const lossyFormats: ReadonlySet<string> = new Set(['jpeg', 'heif', 'webp']);

/**
 * Makes an uploaded file a photo: upright, in sRGB, the first frame where it moves, transparent parts on white.
 *
 * @param name that the user knows the file by
 * @throws InputError naming the file and the reason, where it is no photo, damaged, too large or too small
 */
export function importPhoto(blobs: BlobStore, blob: BlobHash, name: string): Promise<Imported> {
  return importPicture(blobs, blobs.path(blob), name);
}

/** As {@link importPhoto}, of a file that is not in the library. */
export function importPhotoFile(blobs: BlobStore, path: string): Promise<Imported> {
  return importPicture(blobs, path, basename(path));
}

async function importPicture(blobs: BlobStore, path: string, name: string): Promise<Imported> {
  const metadata = await examine(path, name);
  const { data, info } = await decode(path, name, metadata);
  const { width, height } = info;
  const suggestedCrop = await suggestCrop(data, { width, height });
  const thumbnail = await blobs.put(await drawThumbnail(data));
  return { photo: { name, blob: await blobs.put(data), thumbnail, width, height }, suggestedCrop };
}

/** Reads the file's header alone. */
async function examine(path: string, name: string): Promise<Metadata> {
  const { size } = await stat(path);
  if (size === 0) throw new InputError(`${name} is empty (0 bytes): copy it again from its source`);
  const metadata = await refusing(path, name, () =>
    sharp(path, { limitInputPixels: false }).metadata(),
  );
  if (!formats.has(metadata.format)) {
    throw new InputError(`${name} is no photo but ${metadata.format}: ${expected}`);
  }
  requireSize(name, metadata);
  return metadata;
}

const expected = 'expected JPEG, PNG, WebP or AVIF';

function requireSize(name: string, { width, height }: Metadata): void {
  const size = `${width.toLocaleString('en')} x ${height.toLocaleString('en')} pixels`;
  if (width * height > maximumPixels) {
    const most = `${maximumPixels / 1e6} million`;
    throw new InputError(`${name} is too large (${size}): expected at most ${most} pixels`);
  }
  if (Math.min(width, height) < minimumSide) {
    throw new InputError(
      `${name} is too small (${size}): expected at least ${minimumSide} pixels each way`,
    );
  }
}

function decode(path: string, name: string, { format }: Metadata) {
  const upright = sharp(path, { limitInputPixels: maximumPixels, failOn: 'error' })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb');
  const encoded = lossyFormats.has(format)
    ? upright.jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    : upright.png();
  return refusing(path, name, () => encoded.toBuffer({ resolveWithObject: true }));
}

/** A decoder's failure becomes a refusal that names the file as the user knows it. */
async function refusing<T>(path: string, name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const message = messageOf(error);
    throw new InputError(`${name} ${await reasonOf(path, message)}`);
  }
}

async function reasonOf(path: string, message: string): Promise<string> {
  if (await isHevc(path)) {
    return 'is a HEIC photo whose coding (HEVC) cannot be read here: export it as JPEG';
  }
  if (/unsupported image format/i.test(message)) {
    return `is no photo, or its beginning is damaged: ${expected}`;
  }
  const [reason] = message.trim().split('\n');
  return `is damaged or incomplete (${reason}): copy it again from its source`;
}
