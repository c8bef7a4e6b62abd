import { InputError } from '../../../src-shared/inputError.ts';
import type { Box, LayoutPrior } from '../../../src-shared/layout.ts';
import { float32 } from '../diffusion/networks.ts';
import type { RandomStream } from '../diffusion/random.ts';
import type { Weights } from '../nn/weights.ts';
import type { Compile, Values } from '../tensor/executable.ts';
import { gradient } from '../tensor/gradient.ts';
import { createGraph, type Graph } from '../tensor/graph.ts';
import { input } from '../tensor/ops/input.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data } from '../tensor/tensorData.ts';
import {
  type LocationDistribution,
  type LocationParameters,
  type LocationRecovery,
  type LocationRecoveryConfig,
  locationLoss,
  locationNetwork,
  locationParameterShapes,
  objectTokenMask,
} from './locationRecovery.ts';

/** A prompt with the places of its objects in one picture. */
export interface LocationExample {
  /** [tokens, hiddenSize], row-major; examples of the same prompt may share them. */
  readonly hiddenStates: Float32Array;
  /** Tokens of each object. */
  readonly positions: readonly (readonly number[])[];
  readonly boxes: readonly Box[];
}

/** What a prior teaches about its prompt: an example per sample. @param prompt hidden states and tokens of that prompt */
export function examplesOfPrior(
  prior: LayoutPrior,
  prompt: Omit<LocationExample, 'boxes'>,
): LocationExample[] {
  return prior.samples.map(({ objects }) => ({ ...prompt, boxes: objects.map(({ box }) => box) }));
}

export interface LocationTrainingRequest {
  /** Changed in place, by `optimise`. */
  readonly recovery: LocationRecovery;
  readonly examples: readonly LocationExample[];
  readonly compile: Compile;
  /** One step of an optimiser that holds `recovery.parameters`. */
  readonly optimise: (gradients: LocationParameters, step: number) => void;
  /** Source of the batches. */
  readonly random: RandomStream;
  readonly steps: number;
  /** 32 by default; never more than there are examples. */
  readonly batchSize?: number;
  readonly onStep?: (step: number, loss: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Fits a network to harvested layouts by their Gaussian negative log-likelihood.
 *
 * @throws InputError when the loss is no longer finite; the signal's reason when it is aborted
 */
export async function trainLocationRecovery(request: LocationTrainingRequest): Promise<void> {
  const { recovery, examples, compile, optimise, random, steps, onStep, signal } = request;
  if (examples.length === 0) throw new Error('location recovery: no example is given');
  const batchSize = Math.min(request.batchSize ?? 32, examples.length);
  const executable = await compile(locationTrainingGraph(recovery.config, batchSize));
  const nextBatch = endlessBatches(examples, batchSize, random);
  try {
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const batch = nextBatch();
      const values = await executable.run(trainingValues(recovery, batch));
      const loss = float32(values.loss)[0];
      if (!Number.isFinite(loss)) {
        throw new InputError(
          `learning places diverged in step ${step + 1}: the loss is ${loss}. Learn again with a lower learning rate`,
        );
      }
      optimise(readGradients(values, recovery.parameters), step);
      onStep?.(step, loss);
    }
  } finally {
    await executable.release();
  }
}

/** Loss of a batch and its gradient with respect to every parameter. */
export function locationTrainingGraph(config: LocationRecoveryConfig, batch: number): Graph {
  const { inputs, parameters, weights } = networkInputs(config, batch);
  const proposals = locationNetwork(weights, config, inputs.hiddenStates, inputs.tokenMask);
  const loss = locationLoss(proposals, input('boxes', [batch, config.objects, 4]));
  const keys = Object.keys(parameters);
  const gradients = gradient(loss, Object.values(parameters));
  const named = keys.map((key, index) => [`gradient.${key}`, gradients[index]] as const);
  return createGraph({ loss, ...Object.fromEntries(named) });
}

function networkInputs(config: LocationRecoveryConfig, batch: number) {
  const { tokens, hiddenSize } = config;
  const shapes = Object.entries(locationParameterShapes(config));
  const parameters: Record<string, Tensor> = Object.fromEntries(
    shapes.map(([key, shape]) => [key, input(`parameter.${key}`, shape)]),
  );
  const weights: Weights = { get: (key) => parameters[key], lora: () => undefined };
  const inputs = {
    hiddenStates: input('hiddenStates', [batch, tokens, hiddenSize]),
    tokenMask: input('tokenMask', [batch, tokens, 1]),
  };
  return { inputs, parameters, weights };
}

function trainingValues(recovery: LocationRecovery, batch: readonly LocationExample[]): Values {
  const boxes = Float32Array.from(batch.flatMap((example) => example.boxes.flat()));
  return {
    ...networkValues(recovery, batch),
    boxes: float32Data([batch.length, recovery.config.objects, 4], boxes),
  };
}

function networkValues(
  { config, parameters }: LocationRecovery,
  prompts: readonly Omit<LocationExample, 'boxes'>[],
): Values {
  const { tokens, hiddenSize } = config;
  const hiddenStates = new Float32Array(prompts.length * tokens * hiddenSize);
  const tokenMask = new Float32Array(prompts.length * tokens);
  for (const [index, prompt] of prompts.entries()) {
    hiddenStates.set(prompt.hiddenStates, index * tokens * hiddenSize);
    tokenMask.set(objectTokenMask(prompt.positions, config), index * tokens);
  }
  const shapes = Object.entries(locationParameterShapes(config));
  const own = shapes.map(
    ([key, shape]) => [`parameter.${key}`, float32Data(shape, parameters[key])] as const,
  );
  return {
    ...Object.fromEntries(own),
    hiddenStates: float32Data([prompts.length, tokens, hiddenSize], hiddenStates),
    tokenMask: float32Data([prompts.length, tokens, 1], tokenMask),
  };
}

function readGradients(values: Values, parameters: LocationParameters): LocationParameters {
  const keys = Object.keys(parameters);
  return Object.fromEntries(keys.map((key) => [key, float32(values[`gradient.${key}`])]));
}

/** All examples in a new order, again and again, cut into batches. */
function endlessBatches<T>(examples: readonly T[], size: number, random: RandomStream): () => T[] {
  let waiting: T[] = [];
  return () => {
    while (waiting.length < size) waiting = [...waiting, ...random.shuffle(examples)];
    return waiting.splice(0, size);
  };
}

export interface LocationPredictor {
  /** Where the objects of a prompt may stand, in its order. */
  predict(
    hiddenStates: Float32Array,
    positions: readonly (readonly number[])[],
  ): Promise<LocationDistribution[]>;
  release(): Promise<void>;
}

/** Compiles a trained network for one prompt at a time. */
export async function createLocationPredictor(
  compile: Compile,
  recovery: LocationRecovery,
): Promise<LocationPredictor> {
  const { config } = recovery;
  const { inputs, weights } = networkInputs(config, 1);
  const proposals = locationNetwork(weights, config, inputs.hiddenStates, inputs.tokenMask);
  const executable = await compile(createGraph({ ...proposals }));
  return {
    predict: async (hiddenStates, positions) => {
      const values = await executable.run(networkValues(recovery, [{ hiddenStates, positions }]));
      const rows = (name: keyof typeof proposals, object: number) =>
        Array.from(float32(values[name]).subarray(4 * object, 4 * object + 4));
      return Array.from({ length: config.objects }, (_, object) => ({
        mean: rows('mean', object),
        variance: rows('variance', object),
      }));
    },
    release: () => executable.release(),
  };
}
