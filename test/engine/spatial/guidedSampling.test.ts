import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSampler } from '../../../src-main/engine/diffusion/createSampler.ts';
import { guideBatch } from '../../../src-main/engine/diffusion/guidance.ts';
import {
  createNoisePredictor,
  type NoisePredictor,
} from '../../../src-main/engine/diffusion/networks.ts';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { initialLatent, sampleLatent } from '../../../src-main/engine/diffusion/sampleLatent.ts';
import { createNoiseSchedule } from '../../../src-main/engine/diffusion/schedule.ts';
import {
  createLayoutGradient,
  type LayoutGradient,
} from '../../../src-main/engine/spatial/layoutGradient.ts';
import { createSpatialGuidance } from '../../../src-main/engine/spatial/spatialGuidance.ts';
import { type SamplerName, samplerNames } from '../../../src-shared/api.ts';
import { parseBox } from '../../../src-shared/layout.ts';
import { encodePrompts, placeholderRow } from '../../support/spatialReference.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

/** A latent that is not square, guided with every sampler in the corrected form. */
const size = { height: 16, width: 24 };
const steps = 6;
const seed = 1;
const objects = [
  { positions: [2], boxes: [parseBox([0, 0, 0.5, 1])] },
  { positions: [5], boxes: [parseBox([0.5, 0, 1, 1])] },
];

const model = openTinyModel('tiny-sd1');
const schedule = createNoiseSchedule(model.configs.scheduler);
let gradient: LayoutGradient;
let predictor: NoisePredictor;
let hiddenStates: Float32Array;

beforeAll(async () => {
  const prompts = ['', 'a cat and a dog'].map((text) => model.tokenizer.encodePadded(text).ids);
  hiddenStates = await encodePrompts(model, placeholderRow('tiny-sd1'), ...prompts);
  gradient = await createLayoutGradient(model, { ...size, objects: objects.length });
  predictor = await createNoisePredictor(model, { batch: 1, prompts: 2, ...size });
});

afterAll(async () => {
  await gradient.release();
  await predictor.release();
});

/** Mean layout loss of the latents that the steps start from. */
async function meanLoss(name: SamplerName, guided: boolean) {
  const sampler = createSampler(name, schedule, steps);
  const random = RandomStream.create(seed, 'noise');
  const conditional = hiddenStates.slice(hiddenStates.length / 2);
  const shared = { hiddenStates: conditional, objects };
  const guidance = createSpatialGuidance({ gradient, sampler, ...shared });
  const losses: number[] = [];
  await sampleLatent({
    sampler,
    random,
    initialLatent: initialLatent(sampler, random.normal(4 * size.height * size.width)),
    beforeStep: guided ? guidance.beforeStep : undefined,
    predict: async (sample, timestep) => {
      losses.push((await gradient.evaluate({ sample, timestep, ...shared })).loss);
      const output = await predictor.predict(sample, [timestep], hiddenStates);
      return guideBatch(output, 7.5);
    },
  });
  return { loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length, guidance };
}

describe('guidance puts the attention into the boxes', () => {
  test.each(samplerNames)('with %s', async (name) => {
    const plain = await meanLoss(name, false);
    const guided = await meanLoss(name, true);
    expect(plain.guidance.evaluations).toEqual([]);
    expect(guided.guidance.updatesPerStep()[0]).toBeGreaterThan(0);
    // the fresh noise of ancestral sampling undoes a part in every step
    const most = name === 'euler-ancestral' ? plain.loss : 0.9 * plain.loss;
    expect(guided.loss, `seed ${seed}`).toBeLessThan(most);
  });
});
