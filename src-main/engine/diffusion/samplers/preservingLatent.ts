import { roundHalfEven } from '../../numbers.ts';
import { combine } from '../prediction.ts';
import { type LatentMixture, mixtureAt, mixtureOf, type NoiseSchedule } from '../schedule.ts';
import { spacedTimesteps } from '../timesteps.ts';
import type { Sampler } from './sampler.ts';

/** What the samplers on variance-preserving latents share. @param mixtures before each step and after the last */
export function preservingLatent(mixtures: readonly LatentMixture[]) {
  const sigmas = mixtures.map(({ signal, noise }) => noise / signal);
  return {
    sigmas,
    initNoiseSigma: 1,
    mixtureAt: (step: number) => mixtures[step],
    scaleModelInput: (latent: Float32Array) => latent,
  } satisfies Partial<Sampler>;
}

/** Timesteps of DDIM and PNDM, which are whole: "leading" where the model's scheduler says nothing. */
export function wholeTimesteps(schedule: NoiseSchedule, steps: number): number[] {
  const { timestepSpacing = 'leading' } = schedule.config.sampling;
  return spacedTimesteps(schedule, steps, timestepSpacing).map(roundHalfEven);
}

/**
 * The mixture of a timestep; below timestep 0 it is free of noise, or timestep 0's again.
 *
 * @param setAlphaToOne which of them, where the model's scheduler does not say it
 */
export function mixtureAtOrFinal(
  schedule: NoiseSchedule,
  timestep: number,
  setAlphaToOne: boolean,
): LatentMixture {
  if (timestep >= 0) return mixtureAt(schedule, timestep);
  const endsAtOne = schedule.config.sampling.setAlphaToOne ?? setAlphaToOne;
  return mixtureOf(endsAtOne ? 1 : schedule.alphasCumprod[0]);
}

/** The latent that holds a given clean latent and noise. */
export function mix(mixture: LatentMixture, clean: Float32Array, noise: Float32Array) {
  return combine(clean, mixture.signal, noise, mixture.noise);
}
