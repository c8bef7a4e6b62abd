import type { JobOptions } from '../../src-shared/job.ts';
import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import { createEngine, type Engine } from '../engine/host.ts';
import type { EngineParams, EngineResult } from '../engine/protocol.ts';
import type { TrainingSpeed, TrainingWork } from '../library/deviceRepository.ts';
import type { Library } from '../library/library.ts';
import { photolessParams } from './photolessParams.ts';
import { resolveDevice } from './resolveDevice.ts';
import { requireModel } from './startTraining.ts';

interface EstimateDesk {
  readonly library: Library;
  /** For short questions. */
  readonly engine: Engine;
  /** A new engine for the measurement: how much memory a process held at most is known of a fresh one alone. */
  readonly createEngine?: () => Engine;
}

/** No word of a user, and one of every model's: the words do not change how long a step takes. */
const anyConcept = { token: '<estimated-concept>', classWord: 'a' };

/** Predictions per class picture, each of two pictures. */
const classPicturePredictions = 25 * 2;
/** A training step runs forward and backward, which is twice forward; a prediction forward alone. */
const passesOfStep = 3;

/**
 * How long one training takes on the chosen device, previews left out, and how much memory. Measured on a few real
 * steps; what was measured for the same work before is taken instead.
 *
 * @throws InputError where the settings or the model cannot be used; CancelledError after the signal
 */
export async function estimateTraining(
  { library, engine, createEngine: makeEngine = createEngine }: EstimateDesk,
  { modelId, settings }: StudioRequest<'estimateTraining'>,
  options: JobOptions,
): Promise<StudioOutput<'estimateTraining'>> {
  const { path: model } = requireModel(library, modelId);
  const { threads, precision, device: wanted } = library.settings.get();
  const device = await resolveDevice(engine, wanted, makeEngine);
  const variant = settings.anchors?.kind === 'none' ? 'plain' : 'semantic';
  const params = photolessParams({
    ...{ ...anyConcept, model, device, precision, threads, settings, variant },
  });
  const plan = await engine.call('describeTraining', params, options);
  const { method } = settings;
  const { width, height, pictures } = plan;
  // half precision has a speed of its own
  const speedOf = precision === 'float16' ? `${device} in half precision` : device;
  const work: TrainingWork = { device: speedOf, modelId, method, width, height, pictures };
  const speed =
    library.devices.speed(work) ?? (await measure(library, makeEngine, { params, work }, options));
  return { ...speed, seconds: secondsOf(plan, speed) };
}

async function measure(
  { devices }: Library,
  makeEngine: () => Engine,
  { params, work }: { params: EngineParams<'probeTraining'>; work: TrainingWork },
  options: JobOptions,
): Promise<TrainingSpeed> {
  const engine = makeEngine();
  try {
    const measured = await engine.call('probeTraining', params, options);
    const speed = { ...measured, measuredAt: Date.now() };
    devices.recordSpeed(work, speed);
    return speed;
  } finally {
    await engine.close();
  }
}

/** Class pictures are reckoned from the speed of a step, not measured. */
function secondsOf(
  { steps, classPictures, pictures }: EngineResult<'describeTraining'>,
  { secondsPerStep }: TrainingSpeed,
): number {
  const secondsPerPrediction = secondsPerStep / pictures / passesOfStep;
  return steps * secondsPerStep + classPictures * classPicturePredictions * secondsPerPrediction;
}
