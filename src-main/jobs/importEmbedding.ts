import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';
import { checkOutput } from './outputFile.ts';

/** Makes a concept file of another program's textual inversion. */
export async function importEmbedding(
  engine: Engine,
  input: CallRequest<'importEmbedding'>,
  options: JobOptions,
): Promise<CallOutput<'importEmbedding'>> {
  await checkOutput(input.out, '.safetensors');
  const description = await engine.call('importEmbedding', input, options);
  return { ...description, concept: input.out };
}
