import { combine, predictDenoised, predictNoise } from '../prediction.ts';
import type { NoiseSchedule } from '../schedule.ts';
import {
  leadingTimesteps,
  mix,
  mixtureAtOrFinal,
  preservingLatent,
  strideOf,
} from './preservingLatent.ts';
import { requireSteps, type Sampler, type SamplerState } from './sampler.ts';

/** Adams-Bashforth weights of the last outputs, newest first, by how many there are. */
const multistepWeights = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/**
 * PNDM as Stable Diffusion uses it, without Runge-Kutta steps (Liu et al., arXiv 2202.09778, equation 9;
 * diffusers 0.31.0, schedulers/scheduling_pndm.py with skip_prk_steps). The second timestep is visited twice: the
 * first step is taken once as a trial and once more with the mean of both outputs, so there is one call more than steps.
 */
export function createPndm(schedule: NoiseSchedule, steps: number): Sampler {
  requireSteps(schedule, steps);
  const leading = leadingTimesteps(schedule, steps);
  const timesteps = [...leading.slice(0, 2), ...leading.slice(1)];
  const after = timesteps[timesteps.length - 1] - strideOf(schedule, steps);
  const base = preservingLatent(
    [...timesteps, after].map((timestep) => mixtureAtOrFinal(schedule, timestep)),
  );
  let state: SamplerState = { outputs: [] };
  return {
    ...base,
    name: 'pndm',
    timesteps,
    needsNoise: false,
    step: (modelOutput, step, latent) => {
      // The repeated first step sets out once more from the latent before the trial.
      const repeated = step === 1;
      const from = (repeated && state.latent) || latent;
      const outputs = repeated ? state.outputs : [modelOutput, ...state.outputs].slice(0, 4);
      const combined = repeated
        ? combine(modelOutput, 0.5, outputs[0], 0.5)
        : weightedSum(outputs, multistepWeights[outputs.length - 1]);
      state = { outputs, latent: step === 0 ? latent : undefined };
      const [start, end] = repeated ? [0, 1] : [step, step + 1];
      const { predictionType } = schedule.config;
      const clean = predictDenoised(predictionType, base.mixtureAt(start), from, combined);
      const noise = predictNoise(predictionType, base.mixtureAt(start), from, combined);
      // Equation 9 in another order: the same as a DDIM step along the combined output.
      return mix(base.mixtureAt(end), clean, noise);
    },
    saveState: () => state,
    restoreState: (saved) => {
      state = saved;
    },
  };
}

function weightedSum(values: readonly Float32Array[], weights: readonly number[]): Float32Array {
  return values[0].map((_, i) =>
    weights.reduce((sum, weight, index) => sum + weight * values[index][i], 0),
  );
}
