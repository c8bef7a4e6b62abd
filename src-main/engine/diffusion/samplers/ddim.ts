import { predictDenoised, predictNoise } from '../prediction.ts';
import type { NoiseSchedule } from '../schedule.ts';
import { strideOf } from '../timesteps.ts';
import { mix, mixtureAtOrFinal, preservingLatent, wholeTimesteps } from './preservingLatent.ts';
import { requireSteps, type Sampler } from './sampler.ts';

/** DDIM without added noise (Song et al., arXiv 2010.02502, equation 12 with eta = 0). */
export function createDdim(schedule: NoiseSchedule, steps: number): Sampler {
  requireSteps(schedule, steps);
  const timesteps = wholeTimesteps(schedule, steps);
  const stride = strideOf(schedule, steps);
  const mixtureOfTimestep = (timestep: number) => mixtureAtOrFinal(schedule, timestep, true);
  const base = preservingLatent(
    [...timesteps, timesteps[steps - 1] - stride].map(mixtureOfTimestep),
  );
  const { predictionType, sampling } = schedule.config;
  const { clipSample = true, clipSampleRange } = sampling;
  return {
    ...base,
    name: 'ddim',
    timesteps,
    needsNoise: false,
    step: (modelOutput, step, latent) => {
      const mixture = base.mixtureAt(step);
      const clean = predictDenoised(predictionType, mixture, latent, modelOutput);
      const noise = predictNoise(predictionType, mixture, latent, modelOutput);
      // As in diffusers, one stride on, even where the next timestep is not just that far.
      const next = mixtureOfTimestep(timesteps[step] - stride);
      return mix(next, clipSample ? clip(clean, clipSampleRange) : clean, noise);
    },
  };
}

function clip(clean: Float32Array, range: number): Float32Array {
  return clean.map((value) => Math.min(Math.max(value, -range), range));
}
