/**
 * Times a textual-inversion step and an iteration of spatial guidance on a small checkpoint against PyTorch, round by
 * round in turn. See README.md beside this file.
 *
 *   node bench/tinySteps.ts <python with torch> [checkpoint folder]
 */
import { cpus } from 'node:os';
import { openCheckpoint } from '../src-main/engine/checkpoint/checkpoint.ts';
import type { DiffusionModel } from '../src-main/engine/diffusion/model.ts';
import { createTextEncoder } from '../src-main/engine/diffusion/networks.ts';
import { Trainer } from '../src-main/engine/inversion/trainer.ts';
import { placeholderRowsName } from '../src-main/engine/inversion/trainStep.ts';
import { loadModel } from '../src-main/engine/loadModel.ts';
import { createSession } from '../src-main/engine/runtime/session.ts';
import { createLayoutGradient } from '../src-main/engine/spatial/layoutGradient.ts';
import { parseBox } from '../src-shared/layout.ts';
import { Peer, type WorkSize } from './peer.ts';

const threads = 2;
const rounds = 5;
const size: WorkSize = { batch: 1, height: 16, width: 16, steps: 20 };
const placeholders = 3;

interface Work {
  readonly name: string;
  /** Seconds from nothing to a session. */
  readonly creation: number;
  /** One step. @returns a number of the result, which the peer gives too */
  readonly step: () => Promise<number>;
}

function sequence(length: number, value: (index: number) => number): Float32Array {
  return Float32Array.from({ length }, (_, index) => value(index));
}

function inputs(model: DiffusionModel) {
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

async function textualInversion(model: DiffusionModel): Promise<Work> {
  const { sample, noise, ids, rows } = inputs(model);
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
  };
}

async function spatialGuidance(model: DiffusionModel): Promise<Work> {
  const { sample, ids, rows } = inputs(model);
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
  };
}

async function timeOurs({ step }: Work) {
  const milliseconds: number[] = [];
  let check = 0;
  for (let index = 0; index < size.steps; index++) {
    const start = performance.now();
    check = await step();
    milliseconds.push(performance.now() - start);
  }
  return { milliseconds, check };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function compare(work: Work, peer: Peer): Promise<void> {
  await timeOurs(work);
  await peer.time(work.name, size);
  const medians: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = await timeOurs(work);
    const theirs = await peer.time(work.name, size);
    requireSameWork(work.name, ours.check, theirs.check);
    medians.push({ ours: median(ours.milliseconds), theirs: median(theirs.milliseconds) });
  }
  const ratios = medians.map(({ ours, theirs }) => ours / theirs);
  console.log(
    `${work.name.padEnd(18)} ${median(medians.map(({ ours }) => ours)).toFixed(1)} ms, ` +
      `PyTorch ${median(medians.map(({ theirs }) => theirs)).toFixed(1)} ms, ` +
      `ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}), ` +
      `session in ${work.creation.toFixed(2)} s`,
  );
}

/** A comparison of times means nothing when the two sides compute different things. */
function requireSameWork(name: string, ours: number, theirs: number): void {
  if (Math.abs(ours - theirs) <= 1e-3 * Math.abs(theirs)) return;
  throw new Error(`${name}: our gradient has the norm ${ours}, the peer's ${theirs}`);
}

const [python, folder = 'test/golden/tiny-sd1'] = process.argv.slice(2);
if (!python)
  throw new Error('usage: node bench/tinySteps.ts <python with torch> [checkpoint folder]');
const peer = new Peer(python);
const { torch } = await peer.load(folder, threads);
console.log(
  `${cpus()[0].model}, ${threads} threads, torch ${torch}, ${rounds} rounds of ${size.steps}`,
);
const model = loadModel(openCheckpoint(folder), (graph) =>
  createSession(graph, { executionProviders: ['cpu'], threads }),
);
for (const create of [textualInversion, spatialGuidance]) await compare(await create(model), peer);
await peer.close();
