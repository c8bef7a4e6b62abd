import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';
import { makeFolder } from './outputFile.ts';

/** Writes a concept into a folder as other programs read it. */
export async function exportConcept(
  engine: Engine,
  input: CallRequest<'exportConcept'>,
  options: JobOptions,
): Promise<CallOutput<'exportConcept'>> {
  await makeFolder(input.out);
  return engine.call('exportConcept', input, options);
}
