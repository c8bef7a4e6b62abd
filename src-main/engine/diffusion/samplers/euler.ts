import { combine, predictNoise } from '../prediction.ts';
import type { NoiseSchedule } from '../schedule.ts';
import { explodingLatent } from './explodingLatent.ts';
import type { Sampler, SamplerOptions } from './sampler.ts';

/** Euler's method on the probability-flow equation (Karras et al., arXiv 2206.00364, algorithm 2 without churn). */
export function createEuler(
  schedule: NoiseSchedule,
  steps: number,
  options: SamplerOptions,
): Sampler {
  const base = explodingLatent('euler', schedule, steps, options);
  return {
    ...base,
    needsNoise: false,
    step: (modelOutput, step, latent) => {
      const { predictionType } = schedule.config;
      // With latent = clean + sigma * epsilon the derivative d latent / d sigma is epsilon itself.
      const derivative = predictNoise(predictionType, base.mixtureAt(step), latent, modelOutput);
      return combine(latent, 1, derivative, base.sigmas[step + 1] - base.sigmas[step]);
    },
  };
}
