import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';
import { checkOutput, writeOutput } from './outputFile.ts';

/** Samples where the objects of a prompt stand and writes the distribution as JSON. */
export async function harvestLayouts(
  engine: Engine,
  { out, ...input }: CallRequest<'harvestLayouts'>,
  options: JobOptions,
): Promise<CallOutput<'harvestLayouts'>> {
  const start = performance.now();
  await checkOutput(out, '.json');
  const prior = await engine.call('harvestLayouts', input, options);
  await writeOutput(out, `${JSON.stringify(prior)}\n`);
  const seconds = (performance.now() - start) / 1000;
  return { prior: out, objects: [...prior.objects], samples: prior.samples.length, seconds };
}
