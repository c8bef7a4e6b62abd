import type { HeatMap } from '../../../src-shared/layout.ts';
import { type DiffusionModel, textShape } from '../diffusion/model.ts';
import { float32, type Network } from '../diffusion/networks.ts';
import { type AttentionMap, unet } from '../models/unet.ts';
import type { Values } from '../tensor/executable.ts';
import { createGraph } from '../tensor/graph.ts';
import { add } from '../tensor/ops/add.ts';
import { div } from '../tensor/ops/div.ts';
import { input } from '../tensor/ops/input.ts';
import { reduceMean } from '../tensor/ops/reduceMean.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { slice } from '../tensor/ops/slice.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data } from '../tensor/tensorData.ts';
import { resample, toHeatMap } from './heatMap.ts';
import { distinctSizes, type MapSize, sizeName } from './layoutMasks.ts';

/** Cross-attention of one prompt at one resolution, the mean over heads and layers. */
export interface AttentionLevel extends MapSize {
  /** How many layers have this resolution. */
  readonly layers: number;
  readonly tokens: number;
  /** [height * width, tokens], row-major. */
  readonly probabilities: Float32Array;
}

export interface ObservedPrediction {
  /** Epsilon or v for both prompts, [2, 4, height, width]. */
  readonly prediction: Float32Array;
  /** Attention of the second, the conditional prompt. */
  readonly levels: readonly AttentionLevel[];
}

export interface ObservingPredictor extends Network {
  /**
   * @param latents      as the model takes them: [1, 4, height, width]
   * @param hiddenStates unconditional, then conditional: [2, tokens, hiddenSize]
   */
  predict(
    latents: Float32Array,
    timestep: number,
    hiddenStates: Float32Array,
  ): Promise<ObservedPrediction>;
}

/** Compiles the UNet for classifier-free guidance of one picture, together with what its prompt looks at. */
export async function createObservingPredictor(
  model: Pick<DiffusionModel, 'configs' | 'weights' | 'compile' | 'textWidth'>,
  { height, width }: MapSize,
): Promise<ObservingPredictor> {
  const sampleShape = [1, model.configs.unet.inChannels, height, width];
  const hiddenShape = textShape(model, 2);
  const [, tokens] = hiddenShape;
  const { prediction, attentionMaps } = unet(model.weights.unet, model.configs.unet, {
    sample: input('sample', sampleShape),
    timesteps: input('timesteps', [1]),
    encoderHiddenStates: input('encoderHiddenStates', hiddenShape),
  });
  const levels = Object.fromEntries(levelTensors(attentionMaps));
  const graph = createGraph({ prediction, ...levels });
  const executable = await model.compile(graph, { halfPrecision: 'suffices' });
  return {
    predict: async (latents, timestep, hiddenStates) => {
      const values = await executable.run({
        sample: float32Data(sampleShape, latents),
        timesteps: float32Data([1], Float32Array.of(timestep)),
        encoderHiddenStates: float32Data(hiddenShape, hiddenStates),
      });
      const read = readLevels(attentionMaps, values, tokens);
      return { prediction: float32(values.prediction), levels: read };
    },
    release: () => executable.release(),
  };
}

function levelTensors(maps: readonly AttentionMap[]): (readonly [string, Tensor])[] {
  return distinctSizes(maps).map((size) => {
    const means = mapsOfSize(maps, size).map(conditionalMean);
    return [levelName(size), div(means.reduce(add), means.length)] as const;
  });
}

/** [2, heads, cells, tokens] -> [cells, tokens] of the second prompt */
function conditionalMean({ probabilities }: AttentionMap): Tensor {
  const [, , cells, tokens] = probabilities.shape;
  return reshape(reduceMean(slice(probabilities, 0, 1, 2), [1]), [cells, tokens]);
}

function readLevels(
  maps: readonly AttentionMap[],
  values: Values,
  tokens: number,
): AttentionLevel[] {
  return distinctSizes(maps).map((size) => ({
    height: size.height,
    width: size.width,
    layers: mapsOfSize(maps, size).length,
    tokens,
    probabilities: float32(values[levelName(size)]),
  }));
}

function mapsOfSize(maps: readonly AttentionMap[], size: MapSize): AttentionMap[] {
  return maps.filter((map) => sizeName(map) === sizeName(size));
}

function levelName(size: MapSize): string {
  return `attention.${sizeName(size)}`;
}

/**
 * Cells of a heat map for latents of this size: a quarter of each side, 16 for a picture of 512 pixels, where attention
 * is clearest; of small latents a larger share, so that the shorter side has 8 where the latent has as many.
 */
export function heatMapSizeOf({ height, width }: MapSize): MapSize {
  const share = Math.max(1 / 4, Math.min(1, 8 / Math.min(height, width)));
  return { height: Math.ceil(height * share), width: Math.ceil(width * share) };
}

/** Share of the steps, at the end, whose attention counts: earlier it is still about the layout. */
const lateShare = 0.5;

/** The first of a sampler's steps whose attention counts, from 0. */
export function firstLateStep(steps: number): number {
  return Math.floor(steps * (1 - lateShare));
}

/** Collects the attention of objects over steps. */
export interface ObjectAttention {
  /** Takes in one step. */
  add(levels: readonly AttentionLevel[]): void;
  /** One map per object: the mean over heads, layers, tokens and the steps taken in. */
  heatMaps(): HeatMap[];
}

/**
 * Averages the maps of objects over heads, layers and steps at a common resolution (after DAAM, arXiv 2210.04885).
 * Every layer counts the same: its attention is spread over the common cells.
 *
 * @param positions the tokens of each object
 */
export function collectObjectAttention(
  positions: readonly (readonly number[])[],
  size: MapSize,
): ObjectAttention {
  const sums = positions.map(() => new Float64Array(size.height * size.width));
  return {
    add: (levels) => {
      for (const [index, own] of positions.entries()) {
        for (const level of levels) addLevel(sums[index], level, own, size);
      }
    },
    heatMaps: () => sums.map((sum) => toHeatMap(sum, size)),
  };
}

function addLevel(
  sum: Float64Array,
  level: AttentionLevel,
  positions: readonly number[],
  size: MapSize,
): void {
  const cells = level.height * level.width;
  const mean = Float64Array.from({ length: cells }, (_, cell) =>
    positions.reduce(
      (total, position) => total + level.probabilities[cell * level.tokens + position],
      0,
    ),
  );
  // A mean per cell, not a sum, so that a fine layer does not outweigh a coarse one.
  const weight = level.layers / (cells * positions.length);
  for (const [cell, value] of resample(mean, level, size).entries()) sum[cell] += weight * value;
}
