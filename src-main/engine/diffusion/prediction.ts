import type { PredictionType } from '../models/schedulerConfig.ts';
import type { LatentMixture } from './schedule.ts';

/**
 * The clean latent that a model output stands for.
 *
 * epsilon: (latent - noise * output) / signal. v: v is defined on the variance-preserving latent, that is
 * latent / r with r = hypot(signal, noise); clean = (signal / r) (latent / r) - (noise / r) v (arXiv 2202.00512).
 *
 * @param mixture how `latent` is made up, in either parametrisation
 */
export function predictDenoised(
  type: PredictionType,
  mixture: LatentMixture,
  latent: Float32Array,
  output: Float32Array,
): Float32Array {
  const { signal, noise } = mixture;
  if (type === 'epsilon') return combine(latent, 1 / signal, output, -noise / signal);
  const radius = Math.hypot(signal, noise);
  return combine(latent, signal / radius ** 2, output, -noise / radius);
}

/** The noise of unit variance that a model output stands for. Parameters as of {@link predictDenoised}. */
export function predictNoise(
  type: PredictionType,
  mixture: LatentMixture,
  latent: Float32Array,
  output: Float32Array,
): Float32Array {
  if (type === 'epsilon') return output;
  const { signal, noise } = mixture;
  const radius = Math.hypot(signal, noise);
  return combine(latent, noise / radius ** 2, output, signal / radius);
}

/** weightA * a + weightB * b, element by element. */
export function combine(
  a: Float32Array,
  weightA: number,
  b: Float32Array,
  weightB: number,
): Float32Array {
  return a.map((value, i) => weightA * value + weightB * b[i]);
}
