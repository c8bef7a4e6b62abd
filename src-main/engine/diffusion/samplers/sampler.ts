import type { SamplerName } from '../../../../src-shared/api.ts';
import { InputError } from '../../../../src-shared/inputError.ts';
import type { LatentMixture, NoiseSchedule } from '../schedule.ts';

export interface SamplerOptions {
  /**
   * Noise levels spaced as Karras et al. (arXiv 2206.00364, equation 5) do, for LMS, Euler and DPM-Solver++; where
   * absent as the model's scheduler says.
   */
  readonly karras?: boolean;
  /**
   * Where DPM-Solver++ ends. 'zero', the default: without noise, as diffusers 0.31.0. 'sigma_min': at timestep 0 and
   * with the noise levels of whole timesteps throughout, as diffusers 0.17.0.
   */
  readonly finalSigma?: 'zero' | 'sigma_min';
}

/**
 * Takes a latent from noise to an image, step by step. A sampler belongs to one run: those of several steps
 * remember earlier outputs.
 *
 * The latent is variance-exploding (clean + sigma * epsilon) for LMS, Euler and Euler ancestral, and
 * variance-preserving (sqrt(alphaBar) * clean + sqrt(1 - alphaBar) * epsilon) for the others; the model always sees
 * the variance-preserving one, {@link Sampler.scaleModelInput}.
 */
export interface Sampler {
  readonly name: SamplerName;
  /** Timestep of each call of the model. Whole numbers, except where LMS and Euler lie between two of them. */
  readonly timesteps: readonly number[];
  /** Noise levels sqrt((1 - alphaBar) / alphaBar) before each step and after the last: one more than `timesteps`. */
  readonly sigmas: readonly number[];
  /** Factor from noise of unit variance to the first latent. */
  readonly initNoiseSigma: number;
  /** Whether `step` needs fresh noise of unit variance. */
  readonly needsNoise: boolean;
  /**
   * How the latent before a step is made up. Its `noise` is sigma where the latent is variance-exploding; with
   * noise^2 in place of sigma^2, the update `latent - sigma^2 * gradient` of spatial inversion, the gradient taken
   * with respect to the sampler's own latent, moves the same image in either parametrisation.
   */
  mixtureAt(step: number): LatentMixture;
  /** What the model sees: the variance-preserving latent. */
  scaleModelInput(latent: Float32Array, step: number): Float32Array;
  /**
   * The latent after a step. Steps must be taken in order, from 0.
   *
   * @param modelOutput epsilon or v for the scaled latent, after guidance
   * @param noise       unit variance, for the samplers that need it
   */
  step(
    modelOutput: Float32Array,
    step: number,
    latent: Float32Array,
    noise?: Float32Array,
  ): Float32Array;
}

/** @throws InputError when the model has too few timesteps for so many steps. */
export function requireSteps(schedule: NoiseSchedule, steps: number): void {
  const most = schedule.config.trainTimesteps;
  if (Number.isInteger(steps) && steps >= 1 && steps <= most) return;
  throw new InputError(`${steps} sampling steps: expected a whole number from 1 to ${most}`);
}

/** Remembers the last `length` outputs: adds the newest one and returns them all, newest first. */
export function rememberOutputs(length: number) {
  let outputs: readonly Float32Array[] = [];
  return (output: Float32Array): readonly Float32Array[] => {
    outputs = [output, ...outputs].slice(0, length);
    return outputs;
  };
}
