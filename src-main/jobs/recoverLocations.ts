import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import { parseLayoutPriorText } from '../../src-shared/layout.ts';
import type { Engine } from '../engine/host.ts';
import { checkOutput } from './outputFile.ts';
import { readInputText } from './readInputText.ts';

/** Fits a network to harvested layouts, which then proposes layouts for prompts that were never harvested. */
export async function recoverLocations(
  engine: Engine,
  input: CallRequest<'recoverLocations'>,
  options: JobOptions,
): Promise<CallOutput<'recoverLocations'>> {
  const start = performance.now();
  await checkOutput(input.out, '.safetensors');
  const priors = await Promise.all(input.priors.map(readPrior));
  const result = await engine.call('recoverLocations', { ...input, priors }, options);
  return { ...result, recovery: input.out, seconds: (performance.now() - start) / 1000 };
}

async function readPrior(path: string) {
  return parseLayoutPriorText(await readInputText(path, 'a harvested layout'), path);
}
