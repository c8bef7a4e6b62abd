import { predictDenoised, predictNoise } from '../prediction.ts';
import type { NoiseSchedule } from '../schedule.ts';
import {
  leadingTimesteps,
  mix,
  mixtureAtOrFinal,
  preservingLatent,
  strideOf,
} from './preservingLatent.ts';
import { requireSteps, type Sampler, stateless } from './sampler.ts';

/** DDIM without added noise (Song et al., arXiv 2010.02502, equation 12 with eta = 0). */
export function createDdim(schedule: NoiseSchedule, steps: number): Sampler {
  requireSteps(schedule, steps);
  const timesteps = leadingTimesteps(schedule, steps);
  const after = timesteps[steps - 1] - strideOf(schedule, steps);
  const base = preservingLatent(
    [...timesteps, after].map((timestep) => mixtureAtOrFinal(schedule, timestep)),
  );
  const { predictionType, clipSample } = schedule.config;
  return {
    ...base,
    ...stateless,
    name: 'ddim',
    timesteps,
    needsNoise: false,
    step: (modelOutput, step, latent) => {
      const mixture = base.mixtureAt(step);
      const clean = predictDenoised(predictionType, mixture, latent, modelOutput);
      const noise = predictNoise(predictionType, mixture, latent, modelOutput);
      return mix(base.mixtureAt(step + 1), clipSample ? clip(clean) : clean, noise);
    },
  };
}

function clip(clean: Float32Array): Float32Array {
  return clean.map((value) => Math.min(Math.max(value, -1), 1));
}
