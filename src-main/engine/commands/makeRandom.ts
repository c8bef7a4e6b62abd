import { writeRandomCheckpoint } from '../checkpoint/randomCheckpoint.ts';
import { RandomStream } from '../diffusion/random.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { type CommandContext, createPhase } from './context.ts';

/** Writes a checkpoint of random weights. */
export async function makeRandom(
  { out, seed, ...options }: EngineParams<'makeRandom'>,
  context: CommandContext,
): Promise<EngineAnswer<'makeRandom'>> {
  const phase = createPhase(context, 'drawing weights', 3);
  const parameters = writeRandomCheckpoint(out, {
    ...options,
    random: (label) => RandomStream.create(seed, label),
    onFile: (done) => phase.finish(done),
  });
  return { parameters };
}
