import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';

/** Says what a file or folder is. */
export function inspectFile(
  engine: Engine,
  input: CallRequest<'inspectFile'>,
  options: JobOptions,
): Promise<CallOutput<'inspectFile'>> {
  return engine.call('inspectFile', input, options);
}
