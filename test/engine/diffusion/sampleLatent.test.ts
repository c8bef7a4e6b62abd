import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createSampler } from '../../../src-main/engine/diffusion/createSampler.ts';
import { guide, guideBatch } from '../../../src-main/engine/diffusion/guidance.ts';
import { predictDenoised, predictNoise } from '../../../src-main/engine/diffusion/prediction.ts';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { initialLatent, sampleLatent } from '../../../src-main/engine/diffusion/sampleLatent.ts';
import {
  addNoise,
  createNoiseSchedule,
  mixtureAt,
  velocity,
} from '../../../src-main/engine/diffusion/schedule.ts';
import { parseSchedulerConfig } from '../../../src-main/engine/models/schedulerConfig.ts';
import type { SamplerName } from '../../../src-shared/api.ts';
import { goldenPath, requireGoldenPath } from '../../support/golden.ts';
import { goldenFloats, readGolden, relativeL2 } from '../../support/goldenTensors.ts';
import { readReferenceSchedules } from './referenceSchedules.ts';

const schedule = readReferenceSchedules('0.31.0').schedule('epsilon');
const start = RandomStream.create(5, 'start').normal(16);
const zeros = async () => new Float32Array(16);

describe('sampleLatent', () => {
  it('gives the model the moved, scaled latent and every timestep', async () => {
    const sampler = createSampler('euler', schedule, 4);
    const seen: [number, number][] = [];
    await sampleLatent({
      sampler,
      initialLatent: initialLatent(sampler, start),
      beforeStep: async (latent, step) => latent.map(() => step + 1),
      predict: async (modelInput, timestep, step) => {
        expect(modelInput[0]).toBeCloseTo((step + 1) / Math.hypot(sampler.sigmas[step], 1), 5);
        seen.push([timestep, step]);
        return new Float32Array(16);
      },
    });
    expect(seen).toEqual(sampler.timesteps.map((timestep, step) => [timestep, step]));
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const steps: number[] = [];
    const sampling = sampleLatent({
      sampler: createSampler('ddim', schedule, 8),
      initialLatent: start,
      predict: zeros,
      onStep: (_latent, step) => {
        steps.push(step);
        if (step === 2) controller.abort();
      },
      signal: controller.signal,
    });
    await expect(sampling).rejects.toThrow(/aborted/);
    expect(steps).toEqual([0, 1, 2]);
  });

  it('names the step whose output is not finite', async () => {
    const sampling = sampleLatent({
      sampler: createSampler('ddim', schedule, 8),
      initialLatent: start,
      predict: async (_input, _timestep, step) => new Float32Array(16).fill(step === 1 ? NaN : 0),
    });
    await expect(sampling).rejects.toThrow(/not finite in step 2 \(timestep 751\)/);
  });

  it('repeats an ancestral run from its seed', async () => {
    const run = (seed: number) => {
      const sampler = createSampler('euler-ancestral', schedule, 6);
      const random = RandomStream.create(seed, 'ancestral');
      return sampleLatent({ sampler, initialLatent: start, predict: zeros, random });
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });
});

describe('guidance', () => {
  it('goes from the unconditional prediction through the conditional one', () => {
    const guided = guide(Float32Array.of(1, 2), Float32Array.of(3, 1), 7.5);
    expect(guided).toEqual(Float32Array.of(16, -5.5));
    expect(guideBatch(Float32Array.of(1, 2, 3, 1), 7.5)).toEqual(guided);
    expect(guideBatch(Float32Array.of(1, 2, 3, 1), 1)).toEqual(Float32Array.of(3, 1));
  });
});

describe('predictions', () => {
  const clean = RandomStream.create(1, 'clean').normal(16);
  const noise = RandomStream.create(1, 'noise').normal(16);
  const mixture = mixtureAt(schedule, 600);
  const latent = addNoise(schedule, clean, noise, [600]);
  const sigma = mixture.noise / mixture.signal;
  const exploding = latent.map((value) => value / mixture.signal);

  it.each([
    ['epsilon', noise],
    ['v_prediction', velocity(schedule, clean, noise, [600])],
  ] as const)('%s: gives image and noise back in either parametrisation', (type, output) => {
    for (const [mixed, of] of [
      [mixture, latent],
      [{ signal: 1, noise: sigma }, exploding],
    ] as const) {
      expect(relativeL2(predictDenoised(type, mixed, of, output), clean)).toBeLessThan(1e-5);
      expect(relativeL2(predictNoise(type, mixed, of, output), noise)).toBeLessThan(1e-5);
    }
  });
});

const models = ['tiny-sd1', 'tiny-sd2'];
describe.each(models)('trajectories of %s (diffusers 0.17.0)', (model) => {
  const path = goldenPath(`${model}-golden/sample/sampling.safetensors`);
  const names: SamplerName[] = ['lms', 'ddim', 'euler', 'dpmpp2m', 'pndm'];

  it.skipIf(!path).each(names)('%s: follows the stored outputs of the network', async (name) => {
    const tensors = readGolden(path ?? '');
    const where = requireGoldenPath(`${model}/scheduler/scheduler_config.json`);
    const config = parseSchedulerConfig(JSON.parse(readFileSync(where, 'utf8')), where);
    const options = { finalSigma: 'sigma_min' } as const;
    const sampler = createSampler(name, createNoiseSchedule(config), 10, options);
    const outputs = goldenFloats(tensors, `${name}.eps`);
    const size = outputs.length / sampler.timesteps.length;
    const latents = [initialLatent(sampler, goldenFloats(tensors, 'x0'))];
    await sampleLatent({
      sampler,
      initialLatent: latents[0],
      predict: async (_input, _timestep, step) => outputs.subarray(step * size, (step + 1) * size),
      onStep: (latent) => latents.push(latent),
    });
    const all = Float32Array.from(latents.flatMap((latent) => [...latent]));
    expect(relativeL2(all, goldenFloats(tensors, `${name}.latents`))).toBeLessThan(1e-5);
  });
});
