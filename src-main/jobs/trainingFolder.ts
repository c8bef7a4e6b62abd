import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import sharp from 'sharp';
import { InputError } from '../../src-shared/inputError.ts';
import type { TrainingPhoto } from '../../src-shared/photo.ts';
import type { BlobStore } from '../library/blobs.ts';
import type { FileNames } from './fileNames.ts';

/** The photos of a training as the engine takes them: a folder of squares, one of their masks, their own words. */
export interface TrainingFolder {
  readonly photos: string;
  readonly masks?: string;
  /** By file name. */
  readonly captionSuffixes: Readonly<Record<string, string>>;
  /** What messages call the pictures, by path. */
  readonly names: FileNames;
}

/**
 * Lays out the photos of a training in its folder: the chosen squares at full resolution, as PNG. What lies there already
 * is whole, and stays. The same photos give the same pixels, so that a training can go on.
 *
 * @throws InputError where a photo or a mask is no longer in the library, or a square lies outside its photo
 */
export async function layOutPhotos(
  blobs: BlobStore,
  photos: readonly TrainingPhoto[],
  folder: string,
): Promise<TrainingFolder> {
  const pictures = join(folder, 'pictures');
  if (!(await exists(pictures))) await fill(blobs, photos, pictures);
  const squares = join(pictures, 'photos');
  const masks = join(pictures, 'masks');
  const files = photos.map((photo, index) => ({ ...photo, file: fileNameOf(photo, index) }));
  const suffixes = files
    .map(({ file, captionSuffix }) => [file, captionSuffix.trim()] as const)
    .filter(([, suffix]) => suffix !== '');
  return {
    photos: squares,
    ...(photos.some(({ mask }) => mask) && { masks }),
    captionSuffixes: Object.fromEntries(suffixes),
    names: new Map(
      files.flatMap(({ file, name }) => [
        [join(squares, file), name] as const,
        [join(masks, file), `the mask of ${name}`] as const,
      ]),
    ),
  };
}

/** Appears whole: under another name until the last picture is written. */
async function fill(
  blobs: BlobStore,
  photos: readonly TrainingPhoto[],
  pictures: string,
): Promise<void> {
  const unfinished = `${pictures}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  for (const name of ['photos', 'masks']) await mkdir(join(unfinished, name), { recursive: true });
  const isMasked = photos.some(({ mask }) => mask);
  for (const [index, photo] of photos.entries()) {
    const name = fileNameOf(photo, index);
    await writeSquare(blobs.path(photo.blob), photo, join(unfinished, 'photos', name));
    if (isMasked) await writeMask(blobs, photo, join(unfinished, 'masks', name));
  }
  await rename(unfinished, pictures);
}

/** Keeps the order, and the name by which messages call the photo. */
function fileNameOf({ name }: TrainingPhoto, index: number): string {
  const base = name
    .slice(0, name.length - extname(name).length)
    .replace(/[^\p{L}\p{N}._-]+/gu, '-');
  return `${String(index + 1).padStart(2, '0')}-${base.slice(0, 60)}.png`;
}

async function writeSquare(source: string, photo: TrainingPhoto, to: string): Promise<void> {
  requireInside(photo);
  await sharp(source).extract(regionOf(photo)).png(encoding).toFile(to);
}

/** A photo without a mask counts everywhere. */
async function writeMask(blobs: BlobStore, photo: TrainingPhoto, to: string): Promise<void> {
  if (photo.mask) return writeMaskSquare(blobs.path(photo.mask), photo, to);
  const { side } = photo.crop;
  const white = { width: side, height: side, channels: 3 as const, background: '#ffffff' };
  await sharp({ create: white }).png(encoding).toFile(to);
}

async function writeMaskSquare(source: string, photo: TrainingPhoto, to: string): Promise<void> {
  const { width, height } = await sharp(source).metadata();
  if (width !== photo.width || height !== photo.height) {
    throw new InputError(
      `The mask of ${photo.name} has ${width} x ${height} pixels, its photo ${photo.width} x ${photo.height}: paint it again`,
    );
  }
  await writeSquare(source, photo, to);
}

/** Speed matters more than the size of a file that is gone after the training. */
const encoding = { compressionLevel: 3 } as const;

function regionOf({ crop: { left, top, side } }: TrainingPhoto) {
  return { left, top, width: side, height: side };
}

/** @throws InputError where the square reaches out of the photo */
export function requireInside({ name, width, height, crop }: TrainingPhoto): void {
  if (crop.left + crop.side <= width && crop.top + crop.side <= height) return;
  throw new InputError(
    `The square of ${name} reaches out of the photo (${width} x ${height} pixels): choose it again`,
  );
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
