import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPair, openTestStudio } from '../support/testStudio.ts';

/** The concepts of a filled library; trained both ways, as far as random rows are. */
export const filledTokens = ['<rex>', '<tom>'] as const;

/** A library with two concepts for the built-in model, whose tour is over: for what needs no training. */
export async function fillLibrary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-e2e-'));
  const files = await mkdtemp(join(tmpdir(), 'tessera-concepts-'));
  const studio = await openTestStudio(folder);
  for (const token of filledTokens) await importPair(studio, (name) => join(files, name), token);
  await studio.call('changeSettings', { tourDone: true });
  await studio.close();
  await rm(files, { recursive: true });
  return folder;
}
