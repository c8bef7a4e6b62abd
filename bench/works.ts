import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createSampler } from '../src-main/engine/diffusion/createSampler.ts';
import { guideBatch } from '../src-main/engine/diffusion/guidance.ts';
import type { DiffusionModel } from '../src-main/engine/diffusion/model.ts';
import {
  createImageDecoder,
  createNoisePredictor,
  createTextEncoder,
  type Network,
} from '../src-main/engine/diffusion/networks.ts';
import { sampleLatent } from '../src-main/engine/diffusion/sampleLatent.ts';
import { createNoiseSchedule } from '../src-main/engine/diffusion/schedule.ts';
import type { NamedArrays } from '../src-main/engine/inversion/namedArrays.ts';
import {
  attentionLora,
  changeShapes,
  crossAttentionKeysAndValues,
  readWeights,
  type UNetChange,
} from '../src-main/engine/inversion/trainables.ts';
import { placeholderRowsName } from '../src-main/engine/inversion/trainExpression.ts';
import { Trainer } from '../src-main/engine/inversion/trainer.ts';
import { squaredNorm } from '../src-main/engine/numbers.ts';
import { createLayoutGradient } from '../src-main/engine/spatial/layoutGradient.ts';
import { elementCount } from '../src-main/engine/tensor/shape.ts';
import { parseBox } from '../src-shared/layout.ts';
import type { Timing, WorkSize } from './peer.ts';

const placeholders = 3;
const guidanceScale = 7.5;
const pictureSteps = 25;
const loraRank = 4;

/** What both sides are timed at. */
export interface Work {
  /** As the peer knows it. */
  readonly name: string;
  /** Seconds from nothing to a session; absent where each step makes its own. */
  readonly creation?: number;
  /** One step. @returns a number of the result, which the peer gives too */
  readonly step: () => Promise<number>;
  readonly release: () => Promise<void>;
}

export type CreateWork = (model: DiffusionModel, size: WorkSize) => Promise<Work>;

function sequence(length: number, value: (index: number) => number): Float32Array {
  return Float32Array.from({ length }, (_, index) => value(index));
}

function inputs(model: DiffusionModel, size: WorkSize) {
  const { configs } = model;
  const count = size.batch * configs.unet.inChannels * size.height * size.width;
  const { vocabSize, hiddenSize, maxPositionEmbeddings } = configs.textEncoder;
  const ids = new Array<number>(maxPositionEmbeddings).fill(vocabSize - 1);
  for (let index = 0; index < placeholders; index++) ids[1 + index] = vocabSize + index;
  return {
    sample: sequence(count, Math.sin),
    noise: sequence(count, Math.cos),
    timesteps: new Array<number>(size.batch).fill(500),
    tokenIds: new Array<readonly number[]>(size.batch).fill(ids),
    rows: sequence(placeholders * hiddenSize, (index) => 0.1 * Math.sin(index)),
  };
}

function norm(values: Float32Array): number {
  return Math.sqrt(squaredNorm(values));
}

async function encodeText(
  model: DiffusionModel,
  tokenIds: readonly (readonly number[])[],
  rows: Float32Array,
): Promise<Float32Array> {
  const encoder = createTextEncoder(model, { batch: tokenIds.length, placeholders });
  return withNetwork(encoder, ({ encode }) => encode(tokenIds, rows));
}

/** Times the making of what `step` uses. */
async function created<Made extends { release(): Promise<void> }>(
  name: string,
  make: () => Promise<Made>,
  step: (made: Made) => Promise<number>,
): Promise<Work> {
  const start = performance.now();
  const made = await make();
  const creation = (performance.now() - start) / 1000;
  return { name, creation, step: () => step(made), release: () => made.release() };
}

export const textEncoder: CreateWork = async (model, size) => {
  const { tokenIds, rows } = inputs(model, size);
  return created(
    'text-encoder',
    () => createTextEncoder(model, { batch: size.batch, placeholders }),
    async (encoder) => norm(await encoder.encode(tokenIds, rows)),
  );
};

export const decoding: CreateWork = async (model, size) => {
  const { sample } = inputs(model, size);
  return created(
    'decoding',
    () => createImageDecoder(model, size),
    async (decoder) => norm(await decoder.decode(sample)),
  );
};

export const unetForward: CreateWork = async (model, size) => {
  const { sample, timesteps, tokenIds, rows } = inputs(model, size);
  const hiddenStates = await encodeText(model, tokenIds, rows);
  return created(
    'unet',
    () => createNoisePredictor(model, size),
    async (predictor) => norm(await predictor.predict(sample, timesteps, hiddenStates)),
  );
};

/** One latent for both prompts: a step of a guided picture. */
export const guidedPrediction: CreateWork = async (model, size) => {
  const { sample, timesteps, tokenIds, rows } = inputs(model, size);
  const hiddenStates = await encodeText(model, bothPrompts(tokenIds), rows);
  return created(
    'guided-prediction',
    () => createNoisePredictor(model, { ...size, prompts: 2 }),
    async (predictor) => norm(await predictor.predict(sample, timesteps, hiddenStates)),
  );
};

/** The empty prompt, then the first one. */
function bothPrompts([prompt]: readonly (readonly number[])[]): (readonly number[])[] {
  return [prompt.map((id, index) => (index === 0 ? id : prompt[prompt.length - 1])), prompt];
}

export const spatialGuidance: CreateWork = async (model, size) => {
  const { sample, tokenIds, rows } = inputs(model, size);
  const hiddenStates = await encodeText(model, tokenIds, rows);
  const upperHalf = [parseBox([0, 0, 1, 0.5], 'box')];
  const objects = [1, 3].map((position) => ({ positions: [position], boxes: upperHalf }));
  const request = { sample, timestep: 500, hiddenStates, objects };
  return created(
    'spatial-guidance',
    () => createLayoutGradient(model, { ...size, objects: 2 }),
    async (gradient) => norm((await gradient.evaluate(request)).gradient),
  );
};

export const textualInversion: CreateWork = (model, size) =>
  training('textual-inversion', model, size, { kind: 'none' }, {});

export const customDiffusion: CreateWork = async (model, size) => {
  const change = crossAttentionKeysAndValues(model.configs.unet);
  const weights = await readWeights(model.weights.unet, changeShapes(change), model.compile);
  return training('custom-diffusion', model, size, change, weights);
};

export const lora: CreateWork = (model, size) => {
  const change = attentionLora(model.configs.unet, { rank: loraRank, alpha: loraRank });
  const factors = Array.from(changeShapes(change), ([name, shape]) => {
    const wave = name.endsWith('.lora_A.weight') ? Math.sin : Math.cos;
    return [name, sequence(elementCount(shape), (index) => 0.01 * wave(index))];
  });
  return training('lora', model, size, change, Object.fromEntries(factors));
};

function training(
  name: string,
  model: DiffusionModel,
  size: WorkSize,
  change: UNetChange,
  initial: NamedArrays,
): Promise<Work> {
  const { sample, noise, timesteps, tokenIds, rows } = inputs(model, size);
  const batch = { tokenIds, noisyLatents: sample, timesteps, target: noise };
  const options = {
    ...size,
    ...{ classRows: 0, placeholders, change, masked: false, detachFirstToken: false },
    anchor: { kind: 'none' },
    lossWeights: { reconstruction: 1, anchor: 0, prior: 0 },
  } as const;
  const settings = {
    // a rate of 0 does all the work and keeps every step the same
    learningRate: { base: 0, schedule: 'constant', warmupSteps: 0, trainingSteps: 1 },
    weightDecay: 0.01,
    accumulate: 1,
  } as const;
  return created(
    name,
    () => Trainer.create(model, options, settings, { ...initial, [placeholderRowsName]: rows }),
    async (trainer) => (await trainer.step([batch], 0)).gradientNorm,
  );
}

/**
 * A whole picture by DDIM with classifier-free guidance, from the prompt's ids to its pixels. Each network is made when it
 * is needed and released before the next one, as the program does where memory is short; it is part of the time.
 */
export const picture: CreateWork = async (model, size) => {
  const { sample, tokenIds, rows } = inputs(model, size);
  return {
    name: 'picture',
    step: async () => {
      const hiddenStates = await encodeText(model, bothPrompts(tokenIds), rows);
      const latent = await withNetwork(
        createNoisePredictor(model, { ...size, prompts: 2 }),
        ({ predict }) =>
          sampleByDdim(model, sample, (input, step) => predict(input, [step], hiddenStates)),
      );
      return norm(
        await withNetwork(createImageDecoder(model, size), ({ decode }) => decode(latent)),
      );
    },
    release: async () => {},
  };
};

async function withNetwork<T extends Network, Result>(
  made: Promise<T>,
  use: (network: T) => Promise<Result>,
): Promise<Result> {
  const network = await made;
  try {
    return await use(network);
  } finally {
    await network.release();
  }
}

function sampleByDdim(
  { configs }: DiffusionModel,
  initialLatent: Float32Array,
  predict: (input: Float32Array, timestep: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const schedule = createNoiseSchedule(configs.scheduler);
  return sampleLatent({
    sampler: createSampler('ddim', schedule, pictureSteps),
    initialLatent,
    predict: async (input, timestep) => guideBatch(await predict(input, timestep), guidanceScale),
  });
}

export async function timeOurs({ step }: Work, steps: number): Promise<Timing> {
  forgetPeak();
  const milliseconds: number[] = [];
  let check = 0;
  for (let index = 0; index < steps; index++) {
    const start = performance.now();
    check = await step();
    milliseconds.push(performance.now() - start);
  }
  return { milliseconds, check, peakBytes: peakBytes() };
}

/** Linux counts the most memory in RAM anew from here on. */
function forgetPeak(): void {
  if (existsSync('/proc/self/clear_refs')) writeFileSync('/proc/self/clear_refs', '5');
}

function peakBytes(): number {
  if (!existsSync('/proc/self/status')) return 0;
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return 1024 * Number(kilobytes ?? 0);
}

/** A comparison of times means nothing when the two sides compute different things. */
export function requireSameWork(name: string, ours: number, theirs: number): void {
  if (Math.abs(ours - theirs) <= 1e-3 * Math.abs(theirs)) return;
  throw new Error(`${name}: our result has the norm ${ours}, the peer's ${theirs}`);
}
