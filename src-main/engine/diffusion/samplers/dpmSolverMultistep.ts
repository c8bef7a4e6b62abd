import { roundHalfEven } from '../../numbers.ts';
import { combine, predictDenoised } from '../prediction.ts';
import { type LatentMixture, mixtureAt, type NoiseSchedule } from '../schedule.ts';
import {
  interpolateSigma,
  karrasSigmas,
  mixtureOfSigma,
  sigmaTable,
  timestepOfSigma,
} from '../sigmas.ts';
import { descending, leadingTimesteps, spacedTimesteps } from '../timesteps.ts';
import { preservingLatent } from './preservingLatent.ts';
import { rememberOutputs, requireSteps, type Sampler, type SamplerOptions } from './sampler.ts';

/** Below so many steps the last one is of first order in either version. */
const fewSteps = 15;

/**
 * DPM-Solver++ 2M (Lu et al., arXiv 2211.01095, algorithm 2), midpoint form. With `finalSigma: 'zero'` as
 * diffusers 0.31.0's schedulers/scheduling_dpmsolver_multistep.py, with 'sigma_min' as that of 0.17.0.
 */
export function createDpmSolverMultistep(
  schedule: NoiseSchedule,
  steps: number,
  { karras = schedule.config.sampling.karras, finalSigma = 'zero' }: SamplerOptions,
): Sampler {
  requireSteps(schedule, steps);
  const { timesteps, mixtures } =
    finalSigma === 'zero'
      ? levelsEndingAtZero(schedule, steps, karras)
      : levelsOfTimesteps(schedule, steps, karras);
  const base = preservingLatent(mixtures);
  const remember = rememberOutputs(2);
  const last = timesteps.length - 1;
  const lastIsFirstOrder = finalSigma === 'zero' || timesteps.length < fewSteps;
  return {
    ...base,
    name: 'dpmpp2m',
    timesteps,
    needsNoise: false,
    step: (modelOutput, step, latent) => {
      const { predictionType } = schedule.config;
      const latest = predictDenoised(predictionType, mixtures[step], latent, modelOutput);
      const denoised = remember(latest);
      const secondOrder = step > 0 && !(step === last && lastIsFirstOrder);
      const clean = secondOrder ? extrapolate(denoised, mixtures, step) : denoised[0];
      return towards(clean, latent, mixtures[step], mixtures[step + 1]);
    },
  };
}

/** One step under a constant clean latent: what is left of the noise keeps its direction. */
function towards(
  clean: Float32Array,
  latent: Float32Array,
  from: LatentMixture,
  to: LatentMixture,
) {
  const kept = to.noise / from.noise;
  return combine(latent, kept, clean, to.signal - kept * from.signal);
}

/** The clean latent in the middle of the step, from the last two: D of algorithm 2. */
function extrapolate(
  [newest, earlier]: readonly Float32Array[],
  mixtures: readonly LatentMixture[],
  step: number,
): Float32Array {
  const [before, now, after] = mixtures.slice(step - 1, step + 2).map(halfLogSnr);
  const half = (after - now) / (now - before) / 2;
  return combine(newest, 1 + half, earlier, -half);
}

/** lambda of the paper. */
function halfLogSnr({ signal, noise }: LatentMixture): number {
  return Math.log(signal / noise);
}

/** Without the one that the last step reaches; fewer than `steps` where two would be the same. */
function distinctTimesteps(schedule: NoiseSchedule, steps: number): number[] {
  const { trainTimesteps, sampling } = schedule.config;
  switch (sampling.timestepSpacing) {
    case 'leading':
      return leadingTimesteps(schedule, steps + 1, Math.floor(trainTimesteps / (steps + 1))).slice(
        0,
        -1,
      );
    case 'trailing':
      return spacedTimesteps(schedule, steps, 'trailing');
    default: {
      const timesteps = descending(trainTimesteps - 1, 0, steps + 1);
      return [...new Set(timesteps.slice(0, -1).map(roundHalfEven))];
    }
  }
}

function levelsEndingAtZero(schedule: NoiseSchedule, steps: number, karras: boolean) {
  const table = sigmaTable(schedule);
  const spaced = karrasSigmas(table[table.length - 1], table[0], steps);
  const timesteps = karras
    ? karrasTimesteps(schedule, table, spaced)
    : distinctTimesteps(schedule, steps);
  const sigmas = karras ? spaced : timesteps.map((timestep) => interpolateSigma(table, timestep));
  return { timesteps, mixtures: [...sigmas.map(Math.fround), 0].map(mixtureOfSigma) };
}

/** Fewer than `steps` where two of Karras' noise levels share a timestep. */
function levelsOfTimesteps(schedule: NoiseSchedule, steps: number, karras: boolean) {
  const table = sigmaTable(schedule);
  const spaced = karrasSigmas(table[table.length - 1], table[0], steps);
  const timesteps = karras
    ? karrasTimesteps(schedule, table, spaced).map(roundHalfEven)
    : distinctTimesteps(schedule, steps);
  const distinct = [...new Set(timesteps)];
  return { timesteps: distinct, mixtures: [...distinct, 0].map((t) => mixtureAt(schedule, t)) };
}

/** Whole timesteps, except under the cosine schedule, whose last ones lie far apart. */
function karrasTimesteps(schedule: NoiseSchedule, table: Float32Array, sigmas: readonly number[]) {
  const timesteps = sigmas.map((sigma) => timestepOfSigma(table, sigma));
  const whole = schedule.config.betaSchedule !== 'squaredcos_cap_v2';
  return whole ? timesteps.map(roundHalfEven) : timesteps;
}
