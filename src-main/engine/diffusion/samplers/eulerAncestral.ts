import { combine, predictNoise } from '../prediction.ts';
import type { NoiseSchedule } from '../schedule.ts';
import { explodingLatent } from './explodingLatent.ts';
import type { Sampler, SamplerOptions } from './sampler.ts';

/**
 * Euler steps that go below the next noise level and return to it with fresh noise
 * (diffusers 0.31.0, schedulers/scheduling_euler_ancestral_discrete.py; DDPM's variance, arXiv 2006.11239).
 */
export function createEulerAncestral(
  schedule: NoiseSchedule,
  steps: number,
  options: SamplerOptions,
): Sampler {
  const base = explodingLatent('euler-ancestral', schedule, steps, options);
  return {
    ...base,
    needsNoise: true,
    step: (modelOutput, step, latent, noise) => {
      if (!noise) throw new Error("internal: 'euler-ancestral' needs noise at every step");
      const { predictionType } = schedule.config;
      const { up, down } = ancestralSigmas(base.sigmas[step], base.sigmas[step + 1]);
      const derivative = predictNoise(predictionType, base.mixtureAt(step), latent, modelOutput);
      const lowered = combine(latent, 1, derivative, down - base.sigmas[step]);
      return combine(lowered, 1, noise, up);
    },
  };
}

/** Splits the next noise level: down^2 + up^2 = next^2, where `up` is the noise that is added anew. */
function ancestralSigmas(sigma: number, next: number): { up: number; down: number } {
  const up = Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2);
  return { up, down: next ** 2 / sigma };
}
