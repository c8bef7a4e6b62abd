import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';
import { readBuiltIns } from './builtIns.ts';
import { inEmptyFolder } from './outputFile.ts';

/** Writes a checkpoint of random weights, to measure time and memory where no published one is at hand. */
export async function makeRandom(
  engine: Engine,
  { family, seed, half, out }: CallRequest<'makeRandom'>,
  options: JobOptions,
): Promise<CallOutput<'makeRandom'>> {
  const start = performance.now();
  const like = family === 'toybox' ? { folder: (await readBuiltIns()).model } : family;
  const { parameters } = await inEmptyFolder(out, () =>
    engine.call('makeRandom', { like, seed, half, out }, options),
  );
  return { folder: out, parameters, seconds: (performance.now() - start) / 1000 };
}
