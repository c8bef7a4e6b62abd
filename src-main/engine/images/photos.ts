import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { messageOf } from '../../../src-shared/caught.ts';
import { refusalOf } from '../../../src-shared/fileRefusal.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { isHevc, maximumPixels } from '../../pictureFiles/photoFile.ts';
import type { Raster } from './raster.ts';

/** Files of a folder that are taken for photos; what they really hold is read from their content. */
const photoExtensions: ReadonlySet<string> = new Set([
  '.jpg',
  '.jpeg',
  '.jfif',
  '.png',
  '.webp',
  '.avif',
  '.heic',
  '.heif',
  '.tif',
  '.tiff',
]);

const photoFormats: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'heif', 'tiff']);

/**
 * A photo as it is meant to be seen: turned as its EXIF data say, in sRGB, transparent parts on white.
 *
 * @throws InputError naming the file, when it is no JPEG, PNG, WebP, AVIF or TIFF picture, damaged, or larger than
 *   100 million pixels
 */
export async function loadPhoto(file: string): Promise<Raster> {
  return decode(file, (image) =>
    image.autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb'),
  );
}

/**
 * A mask: white is what counts, transparent and black is not.
 *
 * @returns one channel
 * @throws InputError as {@link loadPhoto}
 */
export async function loadMask(file: string): Promise<Raster> {
  return decode(file, (image) =>
    image.autoOrient().flatten({ background: '#000000' }).toColourspace('b-w'),
  );
}

async function decode(file: string, convert: (image: Sharp) => Sharp): Promise<Raster> {
  try {
    const image = sharp(file, { limitInputPixels: maximumPixels, failOn: 'error' });
    const { format } = await image.metadata();
    if (!photoFormats.has(format)) throw new Error(`it is a ${format} file`);
    const { data, info } = await convert(image).raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: info.channels, data };
  } catch (error) {
    const reason = messageOf(error).split('\n')[0];
    throw new InputError(`${file}: not readable as a photo (${reason}); ${await advice(file)}`);
  }
}

async function advice(file: string): Promise<string> {
  if (await isHevc(file)) return 'HEIC photos of phones cannot be read: export it as JPEG';
  return `expected JPEG, PNG, WebP, AVIF or TIFF of at most ${maximumPixels / 1e6} million pixels`;
}

/**
 * The photos of a folder, by name; folders in it and hidden files are left out.
 *
 * @throws InputError when it is no folder, may not be read, or has no photos
 */
export async function listPhotos(folder: string): Promise<string[]> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new InputError(
      `${folder}: ${found ? 'not a folder' : 'not found'}; expected a folder of photos`,
    );
  }
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw new InputError(`${folder}: ${refusalOf(error)}`);
  });
  const names = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => photoExtensions.has(extname(name).toLowerCase()));
  if (names.length === 0) {
    const expected = 'JPEG, PNG, WebP, AVIF or TIFF files';
    throw new InputError(`${folder}: no photos in it; expected at least one, as ${expected}`);
  }
  // By code units: the same order on every machine, whatever its language.
  return names.sort().map((name) => join(folder, name));
}

export interface LoadedPhotos<T> {
  readonly photos: readonly { readonly file: string; readonly image: T }[];
  /** One message per photo that was left out. */
  readonly skipped: readonly string[];
}

/**
 * Loads the photos one after the other and keeps of each what `prepare` makes of it, so that no more than one is held
 * at full size.
 *
 * @throws InputError naming every photo that cannot be read, unless `skipUnreadable` and another can be
 */
export async function loadPhotos<T>(
  files: readonly string[],
  prepare: (photo: Raster, file: string) => T,
  { skipUnreadable = false }: { readonly skipUnreadable?: boolean } = {},
): Promise<LoadedPhotos<T>> {
  const photos: { file: string; image: T }[] = [];
  const skipped: string[] = [];
  for (const file of files) {
    const photo = await loadPhoto(file).catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      skipped.push(error.message);
    });
    if (photo) photos.push({ file, image: prepare(photo, file) });
  }
  if (skipped.length > 0 && !(skipUnreadable && photos.length > 0)) {
    const wayOut =
      photos.length > 0
        ? 'Remove them, or leave them out with --skip-unreadable.'
        : 'No photo is left.';
    throw new InputError([...skipped, wayOut].join('\n'));
  }
  return { photos, skipped };
}
