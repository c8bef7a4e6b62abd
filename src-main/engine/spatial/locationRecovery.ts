import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import type { Box } from '../../../src-shared/layout.ts';
import { parseInput, parseJson } from '../../../src-shared/parseInput.ts';
import type { RandomStream } from '../diffusion/random.ts';
import { linear } from '../nn/linear.ts';
import type { Weights } from '../nn/weights.ts';
import { mean } from '../numbers.ts';
import { add } from '../tensor/ops/add.ts';
import { div } from '../tensor/ops/div.ts';
import { exp } from '../tensor/ops/exp.ts';
import { gelu } from '../tensor/ops/gelu.ts';
import { log } from '../tensor/ops/log.ts';
import { mul } from '../tensor/ops/mul.ts';
import { meanAll } from '../tensor/ops/reduceMean.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { slice } from '../tensor/ops/slice.ts';
import { sub } from '../tensor/ops/sub.ts';
import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data, type TensorData } from '../tensor/tensorData.ts';
import { nearestBox } from './boxes.ts';

/** Sizes of a location-recovery network. */
export interface LocationRecoveryConfig {
  /** Length of the prompt's sequence: 77 for CLIP. */
  readonly tokens: number;
  /** Width of the text encoder's hidden states. */
  readonly hiddenSize: number;
  /** How many objects a prompt has, in its order. */
  readonly objects: number;
  /** Features of each hidden state: 64 in the released code. */
  readonly features: number;
}

export type LocationParameters = Readonly<Record<string, Float32Array>>;

/** A network that proposes where the objects of a prompt stand, with its numbers. */
export interface LocationRecovery {
  readonly config: LocationRecoveryConfig;
  /** By the key of the weight; an optimiser changes them in place. */
  readonly parameters: LocationParameters;
}

/** What the network proposes for one object: independent Gaussians of x0, y0, x1, y1. */
export interface LocationDistribution {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

/** Coordinates of a box. */
const coordinates = 4;
/** Standard deviation below which no prediction is trusted: 1 % of the picture. Keeps the likelihood bounded. */
const leastDeviation = 0.01;

/** Shapes of the network's weights, by key. */
export function locationParameterShapes(config: LocationRecoveryConfig): Record<string, Shape> {
  const { tokens, hiddenSize, objects, features } = config;
  const outputs = objects * 2 * coordinates;
  return {
    'hidden.weight': [features, hiddenSize],
    'hidden.bias': [features],
    'location.weight': [outputs, tokens * features],
    'location.bias': [outputs],
  };
}

/**
 * A network before training. Weights as torch's Linear starts them, uniform in +-1 / sqrt(inputs); the last layer's
 * small, its bias so that the first proposal is the distribution of `boxes`.
 *
 * @param boxes [examples][objects], those that it will be trained with
 */
export function createLocationRecovery(
  config: LocationRecoveryConfig,
  boxes: readonly (readonly Box[])[],
  random: RandomStream,
): LocationRecovery {
  const { tokens, hiddenSize, features } = config;
  const shapes = locationParameterShapes(config);
  const uniform = (key: string, bound: number) =>
    Float32Array.from({ length: shapes[key].reduce((a, b) => a * b) }, () =>
      Math.fround((2 * random.uniform() - 1) * bound),
    );
  const parameters = {
    'hidden.weight': uniform('hidden.weight', 1 / Math.sqrt(hiddenSize)),
    'hidden.bias': uniform('hidden.bias', 1 / Math.sqrt(hiddenSize)),
    'location.weight': uniform('location.weight', 0.1 / Math.sqrt(tokens * features)),
    'location.bias': firstProposal(config, boxes),
  };
  return { config, parameters };
}

/** Means, then log variances of every object's coordinates. */
function firstProposal(
  { objects }: LocationRecoveryConfig,
  boxes: readonly (readonly Box[])[],
): Float32Array {
  if (boxes.length === 0) throw new Error('location recovery: no example is given');
  const values = Array.from({ length: objects }, (_, object) => {
    const sides = Array.from({ length: coordinates }, (_, side) => {
      const all = boxes.map((example) => example[object][side]);
      const middle = mean(all);
      const variance = mean(all.map((value) => (value - middle) ** 2));
      return { middle, logVariance: Math.log(variance + leastDeviation ** 2) };
    });
    return [...sides.map(({ middle }) => middle), ...sides.map(({ logVariance }) => logVariance)];
  });
  return Float32Array.from(values.flat());
}

/** Proposals of a batch: each [batch, objects, 4]. */
export interface LocationTensors {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Location recovery (arXiv 2312.08048; the released code's shape): a linear layer on every hidden state, GELU, flatten,
 * a linear layer. Ours: a variance per coordinate, and features of tokens that belong to no object are 0.
 *
 * @param hiddenStates [batch, tokens, hiddenSize]
 * @param tokenMask    [batch, tokens, 1], 1 at the tokens of objects
 */
export function locationNetwork(
  weights: Weights,
  config: LocationRecoveryConfig,
  hiddenStates: Tensor,
  tokenMask: Tensor,
): LocationTensors {
  const { tokens, objects, features } = config;
  const [batch] = hiddenStates.shape;
  const activated = gelu(linear(weights, 'hidden', hiddenStates, features));
  // [batch, tokens, features] -> [batch, tokens * features]
  const flat = reshape(mul(activated, tokenMask), [batch, tokens * features]);
  const output = linear(weights, 'location', flat, objects * 2 * coordinates);
  const perObject = reshape(output, [batch, objects, 2 * coordinates]);
  const logVariance = slice(perObject, 2, coordinates, 2 * coordinates);
  return {
    mean: slice(perObject, 2, 0, coordinates),
    variance: add(exp(logVariance), leastDeviation ** 2),
  };
}

/**
 * Gaussian negative log-likelihood, the mean over batch, objects and coordinates: 0.5 (log 2 pi v + (x - m)^2 / v).
 *
 * @param boxes [batch, objects, 4]
 * @returns a value of rank 0
 */
export function locationLoss({ mean, variance }: LocationTensors, boxes: Tensor): Tensor {
  const difference = sub(boxes, mean);
  const terms = add(log(mul(variance, 2 * Math.PI)), div(mul(difference, difference), variance));
  return mul(meanAll(terms), 0.5);
}

/** 1 at the tokens of any object: [tokens]. @throws Error when one lies outside the sequence */
export function objectTokenMask(
  positions: readonly (readonly number[])[],
  { tokens, objects }: LocationRecoveryConfig,
): Float32Array {
  if (positions.length !== objects) {
    throw new Error(`location recovery: made for ${objects} objects, not ${positions.length}`);
  }
  const mask = new Float32Array(tokens);
  for (const position of positions.flat()) {
    if (!(Number.isInteger(position) && position >= 0 && position < tokens)) {
      throw new Error(`location recovery: token ${position} is outside 0 to ${tokens - 1}`);
    }
    mask[position] = 1;
  }
  return mask;
}

/** The most likely boxes. */
export function likeliestBoxes(distributions: readonly LocationDistribution[]): Box[] {
  return distributions.map(({ mean }) => nearestBox(mean));
}

/** Boxes drawn from the proposal: "shuffle". */
export function drawBoxes(
  distributions: readonly LocationDistribution[],
  random: RandomStream,
): Box[] {
  return distributions.map(({ mean, variance }) => {
    const noise = random.normal(coordinates);
    return nearestBox(mean.map((value, side) => value + Math.sqrt(variance[side]) * noise[side]));
  });
}

const format = 'tessera-location-recovery-1';

const count = z.int('expected a whole number from 1').min(1, 'expected a whole number from 1');

const storedConfig = z.strictObject({
  tokens: count,
  hiddenSize: count,
  objects: count,
  features: count,
});

/** What to write into a .safetensors file. */
export function locationRecoveryTensors({ config, parameters }: LocationRecovery): {
  readonly tensors: ReadonlyMap<string, TensorData>;
  readonly metadata: Readonly<Record<string, string>>;
} {
  const shapes = locationParameterShapes(config);
  const tensors = Object.entries(shapes).map(
    ([key, shape]) => [key, float32Data(shape, parameters[key])] as const,
  );
  return { tensors: new Map(tensors), metadata: { format, config: JSON.stringify(config) } };
}

/**
 * A network from what a .safetensors file holds.
 *
 * @param source names the file in messages
 * @throws InputError naming file and key when it is something else
 */
export function readLocationRecovery(
  source: string,
  tensors: ReadonlyMap<string, TensorData>,
  metadata: ReadonlyMap<string, string>,
): LocationRecovery {
  if (metadata.get('format') !== format) {
    throw new InputError(`${source}: no location recovery; expected "format": "${format}"`);
  }
  const text = metadata.get('config') ?? '';
  const config = parseInput(
    storedConfig,
    parseJson(text, `${source}: config`),
    `${source}: config`,
  );
  const shapes = Object.entries(locationParameterShapes(config));
  const parameters = shapes.map(([key, shape]) => {
    const tensor = tensors.get(key);
    if (tensor?.dtype === 'float32' && String(tensor.shape) === String(shape)) {
      return [key, tensor.data] as const;
    }
    const found = tensor ? `${tensor.dtype} [${tensor.shape}]` : 'missing';
    throw new InputError(`${source}: tensor "${key}" is ${found}, expected float32 [${shape}]`);
  });
  return { config, parameters: Object.fromEntries(parameters) };
}
