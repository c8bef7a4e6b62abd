import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';
import { inFolder } from './outputFile.ts';

/** Writes a concept into a folder as other programs read it. */
export function exportConcept(
  engine: Engine,
  input: CallRequest<'exportConcept'>,
  options: JobOptions,
): Promise<CallOutput<'exportConcept'>> {
  return inFolder(input.out, () => engine.call('exportConcept', input, options));
}
