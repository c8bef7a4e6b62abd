import { describe, expect, it } from 'vitest';
import { createSampler } from '../../../src-main/engine/diffusion/createSampler.ts';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { initialLatent, sampleLatent } from '../../../src-main/engine/diffusion/sampleLatent.ts';
import { lmsCoefficients } from '../../../src-main/engine/diffusion/samplers/lms.ts';
import type { Sampler } from '../../../src-main/engine/diffusion/samplers/sampler.ts';
import { type SamplerName, samplerNames } from '../../../src-shared/api.ts';
import { goldenFloats, relativeL2 } from '../../support/goldenTensors.ts';
import {
  type ReferenceSchedules,
  readReferenceSchedules,
  type SchedulerCase,
  schedulerCases,
} from './referenceSchedules.ts';

/** That of the reference's README for scheduler files. */
const tolerance = 1e-5;

for (const version of ['0.17.0', '0.31.0']) {
  const reference = readReferenceSchedules(version);
  describe(`samplers of diffusers ${version}`, () => {
    it.each(schedulerCases(reference))('$key: levels', (schedulerCase) => {
      compareLevels(reference, schedulerCase);
    });
    const runs = schedulerCases(reference).filter(({ key }) =>
      reference.tensors.has(`${key}.latents`),
    );
    it('covers runs', () => expect(runs.length).toBeGreaterThanOrEqual(20));
    it.each(runs)('$key: run', (schedulerCase) => compareRun(reference, schedulerCase));
  });
}

function samplerOf(reference: ReferenceSchedules, schedulerCase: SchedulerCase): Sampler {
  const { name, predictionType, steps, karras } = schedulerCase;
  return createSampler(name, reference.schedule(predictionType), steps, {
    karras,
    finalSigma: reference.version === '0.17.0' ? 'sigma_min' : 'zero',
  });
}

function compareLevels(reference: ReferenceSchedules, schedulerCase: SchedulerCase): void {
  const { key } = schedulerCase;
  const sampler = samplerOf(reference, schedulerCase);
  const compare = (what: string, actual: readonly number[]) => {
    const expected = reference.tensors.get(`${key}.${what}`);
    if (!expected) return;
    expect(relativeL2(actual, Array.from(expected.data, Number)), what).toBeLessThan(tolerance);
  };
  compare('timesteps', sampler.timesteps);
  compare('sigmas', sampler.sigmas);
  compare('init_noise_sigma', [sampler.initNoiseSigma]);
  const mixtures = sampler.timesteps.map((_, step) => sampler.mixtureAt(step));
  compare(
    'alpha_t',
    mixtures.map(({ signal }) => signal),
  );
  compare(
    'sigma_t',
    mixtures.map(({ noise }) => noise),
  );
  compare(
    'lambda_t',
    mixtures.map(({ signal, noise }) => Math.log(signal / noise)),
  );
  const end = sampler.mixtureAt(sampler.timesteps.length);
  compare('final_alpha_cumprod', [end.signal ** 2]);
  const coefficients = sampler.timesteps.flatMap((_, step) => {
    const row = lmsCoefficients(sampler.sigmas, step);
    return [...row, 0, 0, 0].slice(0, 4);
  });
  compare('lms_coeffs', coefficients);
}

async function compareRun(
  reference: ReferenceSchedules,
  schedulerCase: SchedulerCase,
): Promise<void> {
  const { key, steps } = schedulerCase;
  const { tensors } = reference;
  const sampler = samplerOf(reference, schedulerCase);
  const outputKey = `run.model_output.${sampler.timesteps.length}calls.${steps}`;
  const outputs = rows(goldenFloats(tensors, outputKey), sampler.timesteps.length);
  const start = initialLatent(sampler, goldenFloats(tensors, `run.x0.${steps}`));
  const latents = [start];
  const modelInputs: Float32Array[] = [];
  await sampleLatent({
    sampler,
    initialLatent: start,
    predict: async (modelInput, _timestep, step) => {
      modelInputs.push(modelInput);
      return outputs[step];
    },
    onStep: (latent) => latents.push(latent),
  });
  compareRows(latents, goldenFloats(tensors, `${key}.latents`));
  if (tensors.has(`${key}.model_inputs`)) {
    compareRows(modelInputs, goldenFloats(tensors, `${key}.model_inputs`));
  }
}

/** Every row by itself: a fault late in the run must not hide behind large early latents. */
function compareRows(actual: readonly Float32Array[], expected: Float32Array): void {
  for (const [index, row] of rows(expected, actual.length).entries()) {
    expect(relativeL2(actual[index], row), `row ${index}`).toBeLessThan(tolerance);
  }
}

function rows(data: Float32Array, count: number): Float32Array[] {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size));
}

const schedule = readReferenceSchedules('0.31.0').schedule('epsilon');

/** Steps with a perfect model of data that is one single image. */
async function sampleOneImage(sampler: Sampler, clean: Float32Array, start: Float32Array) {
  let latent = start;
  return sampleLatent({
    sampler,
    initialLatent: start,
    predict: async (_modelInput, _timestep, step) => {
      const { signal, noise } = sampler.mixtureAt(step);
      return latent.map((value, i) => (value - signal * clean[i]) / noise);
    },
    onStep: (next) => {
      latent = next;
    },
    random: RandomStream.create(3, 'ancestral'),
  });
}

describe('every sampler', () => {
  const noise = RandomStream.create(1, 'noise').normal(64);
  const clean = RandomStream.create(1, 'clean').normal(64);

  it.each(samplerNames)('%s: finds the only image that a perfect model knows', async (name) => {
    const sampler = createSampler(name, schedule, 12);
    const image = await sampleOneImage(sampler, clean, initialLatent(sampler, noise));
    const { signal, noise: left } = sampler.mixtureAt(sampler.timesteps.length);
    expect(signal).toBeGreaterThan(0.999);
    // DDIM and PNDM stop at timestep 0, which holds a little noise.
    expect(relativeL2(image, clean)).toBeLessThan(left === 0 ? 1e-5 : 0.04);
  });

  it.each(samplerNames)('%s: takes a single step', async (name) => {
    const sampler = createSampler(name, schedule, 1);
    expect(sampler.timesteps).toHaveLength(1);
    const image = await sampleOneImage(sampler, clean, initialLatent(sampler, noise));
    expect(image.every(Number.isFinite)).toBe(true);
  });

  it.each(samplerNames)('%s: refuses more steps than the model has timesteps', (name) => {
    expect(() => createSampler(name, schedule, 1001)).toThrow(/1001 sampling steps: expected/);
    expect(() => createSampler(name, schedule, 2.5)).toThrow(/2.5 sampling steps: expected/);
  });

  it.each<SamplerName>(['ddim', 'pndm'])(
    '%s: says when its first timestep is untrained',
    (name) => {
      expect(() => createSampler(name, schedule, 1000)).toThrow(/first is timestep 1000/);
    },
  );

  it.each<SamplerName>(['lms', 'euler', 'euler-ancestral', 'dpmpp2m'])(
    '%s: stays finite with as many steps as timesteps',
    async (name) => {
      const sampler = createSampler(name, schedule, 1000);
      const image = await sampleOneImage(sampler, clean, initialLatent(sampler, noise));
      expect(relativeL2(image, clean)).toBeLessThan(1e-4);
    },
  );
});

describe('euler-ancestral', () => {
  it('keeps the noise at the level of its step', () => {
    const sampler = createSampler('euler-ancestral', schedule, 10);
    const random = RandomStream.create(11, 'variance');
    const count = 40_000;
    // Data that is one black image: the latent is noise alone, and epsilon is the latent over sigma.
    let latent = initialLatent(sampler, random.normal(count));
    for (const step of sampler.timesteps.keys()) {
      const sigma = sampler.sigmas[step];
      const epsilon = latent.map((value) => value / sigma);
      latent = sampler.step(epsilon, step, latent, random.normal(count));
      const deviation = Math.sqrt(latent.reduce((sum, value) => sum + value ** 2, 0) / count);
      // The deviation of 40,000 values is known to 0.35 %; five times that.
      const next = sampler.sigmas[step + 1];
      expect(Math.abs(deviation - next)).toBeLessThan(0.018 * next + 1e-6);
    }
  });

  it('needs noise', () => {
    const sampler = createSampler('euler-ancestral', schedule, 2);
    const latent = new Float32Array(4);
    expect(() => sampler.step(latent, 0, latent)).toThrow(/needs noise/);
  });
});
