import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { parseSamplesText } from '../../src-shared/samples.ts';
import type { Engine } from '../engine/host.ts';
import { unpackedPath } from './unpackedPath.ts';

const assets = unpackedPath(join(import.meta.dirname, '../../assets'));

/** The call's handler: see {@link readBuiltIns}. */
export function listBuiltIns(
  _engine: Engine,
  _input: CallRequest<'listBuiltIns'>,
): Promise<CallOutput<'listBuiltIns'>> {
  return readBuiltIns();
}

/**
 * What comes with the program: Toybox, its evaluators and the sample concepts.
 *
 * @throws InputError where the index of the samples is missing or damaged
 */
export async function readBuiltIns(): Promise<CallOutput<'listBuiltIns'>> {
  const samples = await readSamples(join(assets, 'samples'));
  return { model: join(assets, 'toybox'), evaluators: join(assets, 'toybox/evaluators'), samples };
}

async function readSamples(folder: string) {
  const index = join(folder, 'samples.json');
  const text = await readFile(index, 'utf8').catch((error: Error) => {
    throw new InputError(
      `${index}: cannot be read (${error.message}); it comes with the program: install it again`,
    );
  });
  return parseSamplesText(text, index).map((sample) => ({
    ...sample,
    photos: join(folder, sample.name),
  }));
}
