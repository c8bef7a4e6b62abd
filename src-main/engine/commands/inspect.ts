import { inspectFile } from '../checkpoint/inspect.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';

/** What a file is, with the concept that it describes where it is one of ours. */
export async function inspect({
  path,
}: EngineParams<'inspectFile'>): Promise<EngineAnswer<'inspectFile'>> {
  const inspection = inspectFile(path);
  const tensors = inspection.tensors.map(({ shape, ...tensor }) => ({
    ...tensor,
    shape: [...shape],
  }));
  return {
    ...inspection,
    details: [...inspection.details],
    groups: [...inspection.groups],
    tensors,
  };
}
