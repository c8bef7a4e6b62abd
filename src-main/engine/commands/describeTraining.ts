import type { DiffusionModel } from '../diffusion/model.ts';
import { RandomStream } from '../diffusion/random.ts';
import type { Picture } from '../inversion/trainingSet.ts';
import { trainLoop } from '../inversion/trainLoop.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { type CommandContext, peakMemory } from './context.ts';
import { latentSizeOf, pictureSizeOf, type Size } from './latentSize.ts';
import { withModel } from './openModel.ts';
import { checkTraining, setUpTraining } from './trainingSetup.ts';

/**
 * What a training will be, without photos: its settings with what the method decides. Looks at everything that the user
 * said, so that a mistake is found before the training waits in a queue.
 *
 * @throws InputError when something given cannot be used
 */
export async function describeTraining(
  params: EngineParams<'describeTraining'>,
  context: CommandContext,
): Promise<EngineAnswer<'describeTraining'>> {
  return withModel(params, context, async ({ model }) => {
    const { settings, prompts } = await checkTraining(model, params, context);
    const { steps, batch, accumulate, vectors, classPictures } = settings;
    const size = pictureSizeOf(model, latentSizeOf(model, params.size));
    const overflow = prompts.overflowOf('a photo of a {}');
    return { steps, vectors, classPictures, pictures: batch * accumulate, ...size, overflow };
  });
}

/** Steps that are timed; the one before prepares the session. */
const timedSteps = 3;

/** Trains a few steps on noise and writes nothing: how long one takes, and how much memory the engine held at most. */
export async function probeTraining(
  params: EngineParams<'probeTraining'>,
  context: CommandContext,
): Promise<EngineAnswer<'probeTraining'>> {
  return withModel(params, context, async ({ model }) => {
    const isMasked = params.masks !== undefined;
    const setup = await setUpTraining(model, params, context, {
      photos: async (size) => [noisePicture(model, size, isMasked)],
      classPictures: async (size) => [noisePicture(model, size, false)],
    });
    const times: number[] = [];
    await trainLoop(setup.trainer, setup.drawer, {
      steps: 1 + timedSteps,
      accumulate: setup.settings.accumulate,
      checkpointEvery: 1 + timedSteps,
      signal: context.signal,
      onState: () => {
        times.push(performance.now());
      },
    });
    const seconds = (times[1 + timedSteps] - times[1]) / 1000;
    return { secondsPerStep: seconds / timedSteps, memory: peakMemory() };
  });
}

/** Costs as much as any photo, and needs no encoding. */
function noisePicture(
  { configs }: DiffusionModel,
  { width, height }: Size,
  isMasked: boolean,
): Picture {
  const count = configs.unet.inChannels * width * height;
  const mean = RandomStream.create(0, 'probe picture').normal(count);
  const mask = isMasked ? new Float32Array(width * height).fill(1) : undefined;
  return [{ mean, deviation: new Float32Array(count).fill(0.1), mask }];
}
