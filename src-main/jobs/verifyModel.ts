import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';

/** Compares the engine with stored numbers of the reference implementation. */
export function verifyModel(
  engine: Engine,
  input: CallRequest<'verifyModel'>,
  options: JobOptions,
): Promise<CallOutput<'verifyModel'>> {
  return engine.call('verifyModel', input, options);
}
