import type { Sampler } from './samplers/sampler.ts';

export interface SampleLatentRequest {
  readonly sampler: Sampler;
  /** [batch, 4, height, width], as the sampler starts: noise of unit variance times `sampler.initNoiseSigma`. */
  readonly initialLatent: Float32Array;
  /** The model's output, after guidance, for the scaled latent. */
  readonly predict: (
    modelInput: Float32Array,
    timestep: number,
    step: number,
  ) => Promise<Float32Array>;
  /** May move the latent before a step is taken: spatial inversion. */
  readonly beforeStep?: (latent: Float32Array, step: number) => Promise<Float32Array>;
  /** Told the latent after each step. */
  readonly onStep?: (latent: Float32Array, step: number) => void;
  /** Source of noise of unit variance; samplers with `needsNoise` need it. */
  readonly random?: { normal(count: number): Float32Array };
  readonly signal?: AbortSignal;
}

/**
 * The sampling loop: takes the latent through all steps of the sampler.
 *
 * @returns the last latent, that of an image
 * @throws Error when the model's output is not finite; the signal's reason when it is aborted
 */
export async function sampleLatent(request: SampleLatentRequest): Promise<Float32Array> {
  const { sampler, predict, beforeStep, onStep, random, signal } = request;
  let latent = request.initialLatent;
  for (const [step, timestep] of sampler.timesteps.entries()) {
    signal?.throwIfAborted();
    if (beforeStep) latent = await beforeStep(latent, step);
    signal?.throwIfAborted();
    const output = await predict(sampler.scaleModelInput(latent, step), timestep, step);
    requireFinite(output, step, timestep);
    const noise = sampler.needsNoise ? random?.normal(latent.length) : undefined;
    latent = sampler.step(output, step, latent, noise);
    onStep?.(latent, step);
  }
  return latent;
}

/** Noise of unit variance -> the latent that a sampler starts from. */
export function initialLatent(sampler: Sampler, noise: Float32Array): Float32Array {
  return noise.map((value) => value * sampler.initNoiseSigma);
}

function requireFinite(output: Float32Array, step: number, timestep: number): void {
  if (output.every(Number.isFinite)) return;
  throw new Error(
    `sampling: the model's output is not finite in step ${step + 1} (timestep ${timestep})`,
  );
}
