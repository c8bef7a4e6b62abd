import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportedPhoto } from '../../src-shared/photo.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { readBuiltIns } from '../jobs/builtIns.ts';
import { importPhoto, importPhotoFile } from '../jobs/importPhoto.ts';
import type { Handlers } from './handlers.ts';
import type { StudioContext } from './studioContext.ts';

/** Photos that are uploaded, and those that come with the program. */
export const photoHandlers: Handlers<'importPhoto' | 'listSamples'> = {
  importPhoto: ({ library }, { blob, name }) => importPhoto(library.blobs, blob, name),
  listSamples: async (studio) => ({ samples: await samplesOf(studio) }),
};

type Samples = StudioOutput<'listSamples'>['samples'];

/** Imported once per run, and again where a collection took them. */
const imported = new WeakMap<StudioContext, Promise<Samples>>();

async function samplesOf(studio: StudioContext): Promise<Samples> {
  const known = await imported.get(studio)?.catch(() => undefined);
  if (known?.every(({ photos }) => photos.every((photo) => isThere(studio, photo)))) return known;
  const samples = importSamples(studio);
  imported.set(studio, samples);
  return samples;
}

function isThere({ library: { blobs } }: StudioContext, { blob, thumbnail }: ImportedPhoto) {
  return blobs.has(blob) && blobs.has(thumbnail);
}

async function importSamples(studio: StudioContext): Promise<Samples> {
  const { samples } = await readBuiltIns();
  return Promise.all(
    samples.map(async ({ photos, ...sample }) => ({
      ...sample,
      photos: await importFolder(studio, photos),
    })),
  );
}

async function importFolder(
  { library: { blobs } }: StudioContext,
  folder: string,
): Promise<ImportedPhoto[]> {
  const names = (await readdir(folder)).filter((name) => /\.(png|jpe?g|webp)$/i.test(name)).sort();
  const photos: ImportedPhoto[] = [];
  for (const name of names) {
    photos.push((await importPhotoFile(blobs, join(folder, name))).photo);
  }
  return photos;
}
