import { writeRandomCheckpoint } from '../checkpoint/randomCheckpoint.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { type CommandContext, createPhase } from './context.ts';

/** Writes a checkpoint of random weights. */
export async function makeRandom(
  { out, ...options }: EngineParams<'makeRandom'>,
  context: CommandContext,
): Promise<EngineAnswer<'makeRandom'>> {
  const phase = createPhase(context, 'drawing weights', 3);
  const parameters = writeRandomCheckpoint(out, {
    ...options,
    onFile: (done) => phase.finish(done),
  });
  return { parameters };
}
