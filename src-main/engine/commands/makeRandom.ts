import { setTimeout as wait } from 'node:timers/promises';
import { writeRandomCheckpoint } from '../checkpoint/randomCheckpoint.ts';
import { RandomStream } from '../diffusion/random.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { type CommandContext, createPhase } from './context.ts';

/** Milliseconds between two files in which a request to stop gets through: a file is written in one go. */
const hearing = 10;

/** Writes a checkpoint of random weights. */
export async function makeRandom(
  { out, seed, ...options }: EngineParams<'makeRandom'>,
  context: CommandContext,
): Promise<EngineAnswer<'makeRandom'>> {
  const phase = createPhase(context, 'drawing weights', 3);
  const parameters = await writeRandomCheckpoint(out, {
    ...options,
    random: (label) => RandomStream.create(seed, label),
    onFile: async (done) => {
      phase.finish(done);
      await wait(hearing);
      context.signal.throwIfAborted();
    },
  });
  return { parameters };
}
