import { inspectFile } from '../checkpoint/inspect.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';

/** What a file or folder is, and the tensors in it. */
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
