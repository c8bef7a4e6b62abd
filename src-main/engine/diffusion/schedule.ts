import { InputError } from '../../../src-shared/inputError.ts';
import type { SchedulerConfig } from '../models/schedulerConfig.ts';

/** What is known about the forward process of a model: how much noise each training timestep holds. */
export interface NoiseSchedule {
  readonly config: SchedulerConfig;
  /** Variance added at each timestep, [trainTimesteps]. */
  readonly betas: Float32Array;
  /** Share of the clean latent's variance left at each timestep, alpha-bar of DDPM (arXiv 2006.11239), [trainTimesteps]. */
  readonly alphasCumprod: Float32Array;
}

/**
 * Betas and their cumulative products with the roundings to float32 that diffusers 0.31.0 has
 * (schedulers/scheduling_ddim.py); its other schedulers begin with the same lines.
 */
export function createNoiseSchedule(config: SchedulerConfig): NoiseSchedule {
  const betas = createBetas(config);
  return { config, betas, alphasCumprod: cumulativeProduct(betas) };
}

function createBetas(config: SchedulerConfig): Float32Array {
  const { betaStart, betaEnd, trainTimesteps } = config;
  if (config.trainedBetas) return Float32Array.from(config.trainedBetas);
  switch (config.betaSchedule) {
    case 'linear':
      return linspaceFloat32(betaStart, betaEnd, trainTimesteps);
    case 'scaled_linear': {
      const roots = linspaceFloat32(Math.sqrt(betaStart), Math.sqrt(betaEnd), trainTimesteps);
      return roots.map((root) => root * root);
    }
    case 'squaredcos_cap_v2':
      return cosineBetas(trainTimesteps);
  }
}

/**
 * torch.linspace in float32 to the last bit: each half counts from its own end, eight values are filled in from the
 * first of them, and sums of a product are rounded once (fused multiply-add, torch 1.13 with AVX2).
 */
function linspaceFloat32(start: number, end: number, count: number): Float32Array {
  const first = Math.fround(start);
  const last = Math.fround(end);
  if (count === 1) return Float32Array.of(first);
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  return Float32Array.from({ length: count }, (_, i) => {
    const lane = i % 8;
    const from = i - lane;
    const base =
      from < Math.floor(count / 2) ? first + step * from : last - step * (count - 1 - from);
    return Math.fround(base) + step * lane;
  });
}

/** Cosine schedule of Nichol and Dhariwal (arXiv 2102.09672, equation 17), capped at 0.999. */
function cosineBetas(count: number): Float32Array {
  const alphaBar = (time: number) => Math.cos((((time + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  return Float32Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999),
  );
}

/** torch.cumprod: the running product is kept in float64, each result is rounded. */
function cumulativeProduct(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((beta) => {
    product *= Math.fround(1 - beta);
    return product;
  });
}

/**
 * How a latent is made up: latent = signal * clean + noise * epsilon, with epsilon of unit variance.
 * Variance-preserving latents have signal^2 + noise^2 = 1, variance-exploding ones have signal = 1.
 */
export interface LatentMixture {
  readonly signal: number;
  readonly noise: number;
}

/** The variance-preserving mixture of a training timestep. @throws InputError when the timestep is not a trained one. */
export function mixtureAt(schedule: NoiseSchedule, timestep: number): LatentMixture {
  const alphaCumprod = schedule.alphasCumprod[timestep];
  if (alphaCumprod === undefined) {
    const last = schedule.alphasCumprod.length - 1;
    throw new InputError(
      `timestep ${timestep}: expected a whole number from 0 to ${last}, those that the model was trained with`,
    );
  }
  return mixtureOf(alphaCumprod);
}

export function mixtureOf(alphaCumprod: number): LatentMixture {
  return { signal: Math.sqrt(alphaCumprod), noise: Math.sqrt(1 - alphaCumprod) };
}

/**
 * Forward process: sqrt(alphaBar) * clean + sqrt(1 - alphaBar) * noise (DDPM, equation 4).
 *
 * @param clean     [batch, ...]
 * @param noise     as `clean`
 * @param timesteps one per batch entry
 */
export function addNoise(
  schedule: NoiseSchedule,
  clean: Float32Array,
  noise: Float32Array,
  timesteps: readonly number[],
): Float32Array {
  return mixBatch(schedule, timesteps, clean, noise, ({ signal, noise }) => [signal, noise]);
}

/**
 * Target of v-prediction: sqrt(alphaBar) * noise - sqrt(1 - alphaBar) * clean (Salimans and Ho, arXiv 2202.00512).
 * Parameters as of {@link addNoise}.
 */
export function velocity(
  schedule: NoiseSchedule,
  clean: Float32Array,
  noise: Float32Array,
  timesteps: readonly number[],
): Float32Array {
  return mixBatch(schedule, timesteps, clean, noise, ({ signal, noise }) => [-noise, signal]);
}

/** What the model is trained to predict: the noise, or the velocity. Parameters as of {@link addNoise}. */
export function predictionTarget(
  schedule: NoiseSchedule,
  clean: Float32Array,
  noise: Float32Array,
  timesteps: readonly number[],
): Float32Array {
  return schedule.config.predictionType === 'epsilon'
    ? noise.slice()
    : velocity(schedule, clean, noise, timesteps);
}

function mixBatch(
  schedule: NoiseSchedule,
  timesteps: readonly number[],
  clean: Float32Array,
  noise: Float32Array,
  weights: (mixture: LatentMixture) => readonly [number, number],
): Float32Array {
  const size = clean.length / timesteps.length;
  if (clean.length !== noise.length || !Number.isInteger(size)) {
    const sizes = `${clean.length} values, ${noise.length} of noise, ${timesteps.length} timesteps`;
    throw new Error(`internal: mixing ${sizes}`);
  }
  const mixed = new Float32Array(clean.length);
  for (const [entry, timestep] of timesteps.entries()) {
    const [ofClean, ofNoise] = weights(mixtureAt(schedule, timestep));
    for (let i = entry * size; i < (entry + 1) * size; i++) {
      mixed[i] = ofClean * clean[i] + ofNoise * noise[i];
    }
  }
  return mixed;
}
