import type { DiffusionModel } from '../diffusion/model.ts';
import { addNoise, createNoiseSchedule, predictionTarget } from '../diffusion/schedule.ts';
import { behindVocabulary } from '../inversion/placeholderTokens.ts';
import type { LossWeights, TrainBatch, TrainStepOptions } from '../inversion/trainExpression.ts';
import { elementCount } from '../tensor/shape.ts';
import { firstPlaceholderId } from './context.ts';
import { type GoldenFile, rowsOf } from './goldenFile.ts';

/** Which tensors of a file make a training batch, and how many rows at its end are of the class. */
export interface StoredBatchKeys {
  readonly ids: string;
  readonly referenceIds?: string;
  readonly classRows?: number;
}

/** The key of reference prompts, which only an anchor needs; undefined where there are none. */
export function referenceKey(
  file: GoldenFile,
  key: string,
  { anchor }: Pick<LossWeights, 'anchor'>,
): string | undefined {
  return anchor !== 0 || file.has(key) ? key : undefined;
}

/**
 * A stored training batch as the training step takes it.
 *
 * @param step index along the first axis, for files that hold many batches: [step, batch, ...] instead of [batch, ...]
 */
export function storedBatch(
  model: Pick<DiffusionModel, 'configs' | 'tokenizer'>,
  file: GoldenFile,
  keys: StoredBatchKeys,
  step?: number,
): TrainBatch {
  const schedule = createNoiseSchedule(model.configs.scheduler);
  const part = (key: string) => partOf(file, key, step);
  const { vocabSize } = model.configs.textEncoder;
  const prompts = (key: string) =>
    rowsOf([...part(key)], file.shape(key).at(-1) ?? 1).map((ids) =>
      behindVocabulary(ids, firstPlaceholderId(model), vocabSize),
    );
  const [latents, noise] = [part('latents'), part('noise')];
  const timesteps = [...part('timesteps')];
  const referenceIds = keys.referenceIds === undefined ? undefined : prompts(keys.referenceIds);
  return {
    tokenIds: prompts(keys.ids),
    referenceIds,
    noisyLatents: addNoise(schedule, latents, noise, timesteps),
    timesteps,
    target: predictionTarget(schedule, latents, noise, timesteps),
    mask: file.has('mask')
      ? conceptMask(part('mask'), timesteps.length, keys.classRows)
      : undefined,
  };
}

function partOf(file: GoldenFile, key: string, step: number | undefined): Float32Array {
  if (step === undefined) return file.floats(key);
  const size = elementCount(file.shape(key).slice(1));
  return file.floats(key).slice(step * size, (step + 1) * size);
}

/** Masks are stored for all rows; those of the class pictures, which come last, are all ones and not asked for. */
function conceptMask(mask: Float32Array, rows: number, classRows = 0): Float32Array {
  return mask.slice(0, (mask.length / rows) * (rows - classRows));
}

/**
 * What the stored shapes say of a training step; the rest as in plain textual inversion of one vector. Where no
 * reference prompts tell how many rows are of the class, it is half of them, as in the released scripts.
 */
export function stepOptionsOf(
  file: GoldenFile,
  referenceIds: string | undefined,
  options: Partial<TrainStepOptions>,
): TrainStepOptions {
  const [batch, , height, width] = file.shape('latents').slice(-4);
  const hasClass = (options.lossWeights?.prior ?? 0) !== 0;
  const concepts =
    referenceIds === undefined
      ? batch / (hasClass ? 2 : 1)
      : (file.shape(referenceIds).at(-2) ?? batch);
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

/**
 * The vocabulary and the rows that follow it in the reference's table of so many entries, which ends where its tokenizer
 * ends, though the checkpoint's table may have more rows.
 */
export function joinedTable(
  vocabulary: Float32Array,
  rows: Float32Array,
  entries: number,
): Float32Array {
  return Float32Array.from([...vocabulary.slice(0, entries - rows.length), ...rows]);
}
