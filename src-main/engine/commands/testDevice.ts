import type { DiffusionModel } from '../diffusion/model.ts';
import { createNoisePredictor } from '../diffusion/networks.ts';
import { RandomStream } from '../diffusion/random.ts';
import { relativeL2 } from '../numbers.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { type CommandContext, createPhase } from './context.ts';
import { withModel } from './openModel.ts';

type Params = EngineParams<'testDevice'>;

/** Denoising steps that are compared and timed. */
const testSteps = 20;
/** Relative error that pictures do not show; half precision, and devices that round to 10 bits, stay below. */
const tolerance = 1e-2;

/** Predicts the noise of the same latents on the processor and on the device. */
export async function testDevice(
  params: Params,
  context: CommandContext,
): Promise<EngineAnswer<'testDevice'>> {
  const expected = await denoise(
    { ...params, device: 'cpu', precision: 'float32' },
    'computing on the processor',
    context,
  );
  const found = await denoise(params, `computing on ${params.device}`, context);
  const errors = found.predictions.map((own, step) => relativeL2(own, expected.predictions[step]));
  const { stepsPerSecond } = found;
  // a device may give what is no number
  if (!errors.every(Number.isFinite)) return { passed: false, stepsPerSecond };
  const error = Math.max(...errors);
  return { passed: error <= tolerance, error, stepsPerSecond };
}

function denoise(params: Params, title: string, context: CommandContext) {
  return withModel(params, context, async ({ model }) => {
    const { sampleSize } = model.configs.unet;
    const size = { height: sampleSize, width: sampleSize };
    const predictor = await createNoisePredictor(model, { batch: 1, prompts: 2, ...size });
    const steps = testInputs(model);
    const phase = createPhase(context, title, testSteps);
    // the first run of a session prepares it
    await predictor.predict(...steps[0]);
    const start = performance.now();
    const predictions: Float32Array[] = [];
    for (const [index, step] of steps.entries()) {
      context.signal.throwIfAborted();
      predictions.push(await predictor.predict(...step));
      phase.finish(index + 1);
    }
    const seconds = (performance.now() - start) / 1000;
    return { predictions, stepsPerSecond: testSteps / seconds };
  });
}

/** Latents, timesteps and hidden states of every step, the same on every device. */
function testInputs({ configs }: DiffusionModel) {
  const { inChannels, sampleSize } = configs.unet;
  const { maxPositionEmbeddings, hiddenSize } = configs.textEncoder;
  const random = RandomStream.create(0, 'device test');
  const last = configs.scheduler.trainTimesteps - 1;
  return Array.from({ length: testSteps }, (_, index) => {
    const timestep = Math.round((last * (testSteps - 1 - index)) / (testSteps - 1));
    const latents = random.normal(inChannels * sampleSize * sampleSize);
    const hiddenStates = random.normal(2 * maxPositionEmbeddings * hiddenSize);
    return [latents, [timestep], hiddenStates] as const;
  });
}
