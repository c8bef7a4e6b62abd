import type { LatentMixture, NoiseSchedule } from './schedule.ts';

/** Noise level of every training timestep: sqrt((1 - alphaBar) / alphaBar), rounded to float32 as in diffusers. */
export function sigmaTable(schedule: NoiseSchedule): Float32Array {
  return schedule.alphasCumprod.map((alpha) =>
    Math.sqrt(Math.fround(Math.fround(1 - alpha) / alpha)),
  );
}

/** The variance-preserving mixture that has a noise level. */
export function mixtureOfSigma(sigma: number): LatentMixture {
  const signal = 1 / Math.sqrt(sigma * sigma + 1);
  return { signal, noise: sigma * signal };
}

/** Noise level at a timestep that may lie between two training timesteps: linear in sigma. */
export function interpolateSigma(table: Float32Array, timestep: number): number {
  const low = Math.floor(timestep);
  const high = Math.min(low + 1, table.length - 1);
  return table[low] + (table[high] - table[low]) * (timestep - low);
}

/** Noise levels from the highest to the lowest by equation 5 of Karras et al. (arXiv 2206.00364), rho = 7. */
export function karrasSigmas(highest: number, lowest: number, count: number): number[] {
  const from = highest ** (1 / 7);
  const to = lowest ** (1 / 7);
  return Array.from(
    { length: count },
    (_, i) => (from + (i / Math.max(count - 1, 1)) * (to - from)) ** 7,
  );
}

/** The timestep, in general between two training timesteps, of a noise level: linear in log sigma, clipped. */
export function timestepOfSigma(table: Float32Array, sigma: number): number {
  const above = table.findIndex((value) => value > sigma);
  const low = above === -1 ? table.length - 2 : Math.max(above - 1, 0);
  // diffusers takes the logarithms of the table in float32.
  const lowLog = Math.fround(Math.log(table[low]));
  const highLog = Math.fround(Math.log(table[low + 1]));
  const weight = (Math.log(sigma) - lowLog) / (highLog - lowLog);
  return low + Math.min(Math.max(weight, 0), 1);
}
