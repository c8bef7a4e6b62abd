import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';
import { checkOutput } from './outputFile.ts';

/** Makes a concept file of what another program trained. */
export async function importForeign(
  engine: Engine,
  input: CallRequest<'importForeign'>,
  options: JobOptions,
): Promise<CallOutput<'importForeign'>> {
  await checkOutput(input.out, '.safetensors');
  const description = await engine.call('importForeign', input, options);
  return { ...description, concept: input.out };
}
