import { InputError } from '../../../../src-shared/inputError.ts';
import { combine } from '../prediction.ts';
import { type LatentMixture, mixtureAt, mixtureOf, type NoiseSchedule } from '../schedule.ts';
import type { Sampler } from './sampler.ts';

/** What the samplers on variance-preserving latents share. @param mixtures before each step and after the last */
export function preservingLatent(mixtures: readonly LatentMixture[]) {
  const sigmas = mixtures.map(({ signal, noise }) => noise / signal);
  return {
    sigmas,
    initNoiseSigma: 1,
    sigmaAt: (step: number) => sigmas[step],
    mixtureAt: (step: number) => mixtures[step],
    scaleModelInput: (latent: Float32Array) => latent,
  } satisfies Partial<Sampler>;
}

/**
 * Timesteps of DDIM and PNDM (diffusers 0.31.0, timestep_spacing "leading"): a whole number apart, from high to low,
 * the lowest one `stepsOffset`.
 *
 * @throws InputError when the highest lies beyond the timesteps that the model was trained with
 */
export function leadingTimesteps(schedule: NoiseSchedule, steps: number): number[] {
  const { stepsOffset, trainTimesteps } = schedule.config;
  const stride = strideOf(schedule, steps);
  const highest = (steps - 1) * stride + stepsOffset;
  if (highest >= trainTimesteps) {
    throw new InputError(
      `${steps} sampling steps: the first is timestep ${highest}, the model knows 0 to ${trainTimesteps - 1}; take fewer`,
    );
  }
  return Array.from({ length: steps }, (_, i) => highest - i * stride);
}

export function strideOf(schedule: NoiseSchedule, steps: number): number {
  return Math.floor(schedule.config.trainTimesteps / steps);
}

/** The mixture one stride after a timestep; below timestep 0 it is free of noise, or timestep 0's again. */
export function mixtureAtOrFinal(schedule: NoiseSchedule, timestep: number): LatentMixture {
  if (timestep >= 0) return mixtureAt(schedule, timestep);
  return mixtureOf(finalAlphaCumprod(schedule));
}

/** Alpha-bar after the last step: 1, or that of timestep 0, as the model's scheduler says. */
export function finalAlphaCumprod(schedule: NoiseSchedule): number {
  return schedule.config.setAlphaToOne ? 1 : schedule.alphasCumprod[0];
}

/** The latent that holds a given clean latent and noise. */
export function mix(mixture: LatentMixture, clean: Float32Array, noise: Float32Array) {
  return combine(clean, mixture.signal, noise, mixture.noise);
}
