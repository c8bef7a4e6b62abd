import type { SamplerName } from '../../../../src-shared/api.ts';
import type { NoiseSchedule } from '../schedule.ts';
import { interpolateSigma, karrasSigmas, sigmaTable, timestepOfSigma } from '../sigmas.ts';
import { spacedTimesteps } from '../timesteps.ts';
import { requireSteps, type Sampler, type SamplerOptions } from './sampler.ts';

/**
 * What the samplers on variance-exploding latents share (diffusers 0.31.0, schedulers/scheduling_lms_discrete.py and
 * scheduling_euler_discrete.py): timesteps spaced as the model's scheduler says, "linspace" where it says nothing, or at
 * the noise levels of Karras et al., and a final noise level of 0.
 */
export function explodingLatent<N extends SamplerName>(
  name: N,
  schedule: NoiseSchedule,
  steps: number,
  { karras = schedule.config.sampling.karras }: SamplerOptions,
) {
  requireSteps(schedule, steps);
  const { timestepSpacing = 'linspace' } = schedule.config.sampling;
  const spaced = spacedTimesteps(schedule, steps, timestepSpacing);
  const { timesteps, levels } = noiseLevels(sigmaTable(schedule), spaced, karras);
  const sigmas = [...Float32Array.from(levels), 0];
  return {
    name,
    timesteps,
    sigmas,
    // "leading" stops short of the last trained timestep: what the latent still holds of an image is noise as well.
    initNoiseSigma: timestepSpacing === 'leading' ? Math.hypot(sigmas[0], 1) : sigmas[0],
    mixtureAt: (step: number) => ({ signal: 1, noise: sigmas[step] }),
    scaleModelInput: (latent: Float32Array, step: number) => {
      const scale = Math.sqrt(sigmas[step] ** 2 + 1);
      return latent.map((value) => value / scale);
    },
  } satisfies Partial<Sampler>;
}

function noiseLevels(table: Float32Array, timesteps: readonly number[], karras: boolean) {
  const levels = timesteps.map((timestep) => interpolateSigma(table, timestep));
  if (!karras) return { timesteps, levels };
  const spaced = karrasSigmas(levels[0], levels[levels.length - 1], levels.length);
  return { timesteps: spaced.map((sigma) => timestepOfSigma(table, sigma)), levels: spaced };
}
