import { accessSync, constants } from 'node:fs';
import { refusing } from '../files/fileAccess.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { verifyGolden } from '../verification/verifyGolden.ts';
import { type CommandContext, note } from './context.ts';
import { cachedCheckpoint, withDevice } from './openModel.ts';

/** Compares the engine on a checkpoint with stored numbers and tells each case as it is decided. */
export async function verify(
  params: EngineParams<'verifyModel'>,
  context: CommandContext,
): Promise<EngineAnswer<'verifyModel'>> {
  const start = performance.now();
  refusing(params.golden, () => accessSync(params.golden, constants.R_OK));
  const checkpoint = cachedCheckpoint(params);
  for (const assumption of checkpoint.assumptions) note(context, assumption);
  // digits are compared: only who asks for half precision gets it
  const precision = params.precision === 'float16' ? 'float16' : 'float32';
  const counts = await withDevice({ ...params, precision }, context, (compile) =>
    verifyGolden({
      checkpoint,
      goldenFolder: params.golden,
      compile: (graph) => compile(graph, { halfPrecision: 'if asked' }),
      halfPrecision: precision === 'float16',
      only: params.only,
      onCase: (result) => context.report({ type: 'case', ...result }),
      signal: context.signal,
    }),
  );
  return { ...counts, seconds: (performance.now() - start) / 1000 };
}
