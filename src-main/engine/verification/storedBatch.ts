import type { DiffusionModel } from '../diffusion/model.ts';
import { addNoise, createNoiseSchedule, predictionTarget } from '../diffusion/schedule.ts';
import type { TrainBatch, TrainStepOptions } from '../inversion/trainStep.ts';
import { elementCount } from '../tensor/shape.ts';
import { type GoldenFile, rowsOf } from './goldenFile.ts';

/** Which tensors of a file make a training batch. */
export interface StoredBatchKeys {
  readonly ids: string;
  readonly referenceIds?: string;
}

/**
 * A stored training batch as the training step takes it.
 *
 * @param step index along the first axis, for files that hold many batches: [step, batch, ...] instead of [batch, ...]
 */
export function storedBatch(
  model: Pick<DiffusionModel, 'configs'>,
  file: GoldenFile,
  keys: StoredBatchKeys,
  step?: number,
): TrainBatch {
  const schedule = createNoiseSchedule(model.configs.scheduler);
  const part = (key: string) => partOf(file, key, step);
  const prompts = (key: string) => rowsOf([...part(key)], file.shape(key).at(-1) ?? 1);
  const [latents, noise] = [part('latents'), part('noise')];
  const timesteps = [...part('timesteps')];
  const referenceIds = keys.referenceIds === undefined ? undefined : prompts(keys.referenceIds);
  return {
    tokenIds: prompts(keys.ids),
    referenceIds,
    noisyLatents: addNoise(schedule, latents, noise, timesteps),
    timesteps,
    target: predictionTarget(schedule, latents, noise, timesteps),
    mask: file.has('mask') ? conceptMask(part('mask'), timesteps.length, referenceIds) : undefined,
  };
}

function partOf(file: GoldenFile, key: string, step: number | undefined): Float32Array {
  if (step === undefined) return file.floats(key);
  const size = elementCount(file.shape(key).slice(1));
  return file.floats(key).slice(step * size, (step + 1) * size);
}

/** Masks are stored for all rows; those of the class pictures, which come last, are all ones and not asked for. */
function conceptMask(
  mask: Float32Array,
  rows: number,
  referenceIds: readonly unknown[] | undefined,
): Float32Array {
  const concepts = referenceIds?.length ?? rows;
  return mask.slice(0, (mask.length / rows) * concepts);
}

/** What the stored shapes say of a training step; the rest as in plain textual inversion of one vector. */
export function stepOptionsOf(
  file: GoldenFile,
  referenceIds: string | undefined,
  options: Partial<TrainStepOptions>,
): TrainStepOptions {
  const [batch, , height, width] = file.shape('latents').slice(-4);
  const concepts = referenceIds === undefined ? batch : (file.shape(referenceIds).at(-2) ?? batch);
  return {
    batch,
    classRows: batch - concepts,
    height,
    width,
    placeholders: 1,
    change: { kind: 'none' },
    anchor: { kind: 'none' },
    lossWeights: { reconstruction: 1, anchor: 0, prior: 0 },
    masked: file.has('mask'),
    detachFirstToken: false,
    ...options,
  };
}
