import type { NoiseSchedule } from '../schedule.ts';
import {
  descending,
  interpolateSigma,
  karrasSigmas,
  sigmaTable,
  timestepOfSigma,
} from '../sigmas.ts';
import { requireSteps, type Sampler, type SamplerName, type SamplerOptions } from './sampler.ts';

/**
 * What the samplers on variance-exploding latents share (diffusers 0.31.0, schedulers/scheduling_lms_discrete.py and
 * scheduling_euler_discrete.py, timestep_spacing "linspace"): timesteps from the last trained one to 0, evenly
 * spaced or at the noise levels of Karras et al., and a final noise level of 0.
 */
export function explodingLatent<N extends SamplerName>(
  name: N,
  schedule: NoiseSchedule,
  steps: number,
  { karras = false }: SamplerOptions,
) {
  requireSteps(schedule, steps);
  const { timesteps, levels } = noiseLevels(sigmaTable(schedule), steps, karras);
  const sigmas = [...Float32Array.from(levels), 0];
  return {
    name,
    timesteps,
    sigmas,
    initNoiseSigma: sigmas[0],
    sigmaAt: (step: number) => sigmas[step],
    mixtureAt: (step: number) => ({ signal: 1, noise: sigmas[step] }),
    scaleModelInput: (latent: Float32Array, step: number) => {
      const scale = Math.sqrt(sigmas[step] ** 2 + 1);
      return latent.map((value) => value / scale);
    },
  } satisfies Partial<Sampler>;
}

function noiseLevels(table: Float32Array, steps: number, karras: boolean) {
  const timesteps = descending(table.length - 1, 0, steps);
  const levels = timesteps.map((timestep) => interpolateSigma(table, timestep));
  if (!karras) return { timesteps, levels };
  const spaced = karrasSigmas(levels[0], levels[steps - 1], steps);
  return { timesteps: spaced.map((sigma) => timestepOfSigma(table, sigma)), levels: spaced };
}
