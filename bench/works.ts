import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { DiffusionModel } from '../src-main/engine/diffusion/model.ts';
import { createNoisePredictor, createTextEncoder } from '../src-main/engine/diffusion/networks.ts';
import { Trainer } from '../src-main/engine/inversion/trainer.ts';
import { placeholderRowsName } from '../src-main/engine/inversion/trainStep.ts';
import { createLayoutGradient } from '../src-main/engine/spatial/layoutGradient.ts';
import { parseBox } from '../src-shared/layout.ts';
import type { Timing, WorkSize } from './peer.ts';

const placeholders = 3;

/** What both sides are timed at. */
export interface Work {
  readonly name: string;
  /** Seconds from nothing to a session. */
  readonly creation: number;
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
    ids,
    rows: sequence(placeholders * hiddenSize, (index) => 0.1 * Math.sin(index)),
  };
}

export const textualInversion: CreateWork = async (model, size) => {
  const { sample, noise, ids, rows } = inputs(model, size);
  const start = performance.now();
  const trainer = await Trainer.create(
    model,
    {
      batch: size.batch,
      classRows: 0,
      height: size.height,
      width: size.width,
      placeholders,
      change: { kind: 'none' },
      anchor: { kind: 'none' },
      lossWeights: { reconstruction: 1, anchor: 0, prior: 0 },
      masked: false,
      detachFirstToken: false,
    },
    {
      // a rate of 0 does all the work and keeps every step the same
      learningRate: { base: 0, schedule: 'constant', warmupSteps: 0, trainingSteps: 1 },
      weightDecay: 0.01,
      accumulate: 1,
    },
    { [placeholderRowsName]: rows },
  );
  const batch = { tokenIds: [ids], noisyLatents: sample, timesteps: [500], target: noise };
  return {
    name: 'textual-inversion',
    creation: (performance.now() - start) / 1000,
    step: async () => (await trainer.step([batch], 0)).gradientNorm,
    release: () => trainer.release(),
  };
};

export const spatialGuidance: CreateWork = async (model, size) => {
  const { sample, ids, rows } = inputs(model, size);
  const encoder = await createTextEncoder(model, { batch: 1, placeholders });
  const hiddenStates = await encoder.encode([ids], rows);
  await encoder.release();
  const start = performance.now();
  const gradient = await createLayoutGradient(model, { ...size, objects: 2 });
  const upperHalf = [parseBox([0, 0, 1, 0.5], 'box')];
  const objects = [1, 3].map((position) => ({ positions: [position], boxes: upperHalf }));
  const request = { sample, timestep: 500, hiddenStates, objects };
  return {
    name: 'spatial-guidance',
    creation: (performance.now() - start) / 1000,
    step: async () => Math.hypot(...(await gradient.evaluate(request)).gradient),
    release: () => gradient.release(),
  };
};

export const unetForward: CreateWork = async (model, size) => {
  const { sample, ids, rows } = inputs(model, size);
  const encoder = await createTextEncoder(model, { batch: 1, placeholders });
  const hiddenStates = await encoder.encode([ids], rows);
  await encoder.release();
  const start = performance.now();
  const predictor = await createNoisePredictor(model, size);
  return {
    name: 'unet',
    creation: (performance.now() - start) / 1000,
    step: async () => Math.hypot(...(await predictor.predict(sample, [500], hiddenStates))),
    release: () => predictor.release(),
  };
};

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

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A comparison of times means nothing when the two sides compute different things. */
export function requireSameWork(name: string, ours: number, theirs: number): void {
  if (Math.abs(ours - theirs) <= 1e-3 * Math.abs(theirs)) return;
  throw new Error(`${name}: our gradient has the norm ${ours}, the peer's ${theirs}`);
}
