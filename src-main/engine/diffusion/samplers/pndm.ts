import { InputError } from '../../../../src-shared/inputError.ts';
import { combine, predictDenoised, predictNoise } from '../prediction.ts';
import type { NoiseSchedule } from '../schedule.ts';
import { strideOf } from '../timesteps.ts';
import { mix, mixtureAtOrFinal, preservingLatent, wholeTimesteps } from './preservingLatent.ts';
import { requireSteps, type Sampler } from './sampler.ts';

/** Adams-Bashforth weights of the last outputs, newest first, by how many there are. */
const multistepWeights = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/** One call of the model and the move that follows it. */
interface Call {
  readonly timestep: number;
  /** Timesteps between which the latent moves. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'multistep' | 'trial' | 'repeated' | 'rungeKutta';
}

/** Earlier outputs, newest first, and where there is one an earlier latent and a weighted sum of outputs. */
interface Memory {
  readonly outputs: readonly Float32Array[];
  readonly latent?: Float32Array;
  readonly sum?: Float32Array;
}

/**
 * PNDM (Liu et al., arXiv 2202.09778, equation 9; diffusers 0.31.0, schedulers/scheduling_pndm.py). Its multistep
 * method needs earlier outputs. As Stable Diffusion uses it (`skip_prk_steps`), the first step is taken once as a trial
 * and once more with the mean of both outputs, so there is one call more than steps; otherwise the first three steps
 * are Runge and Kutta's, of four calls each.
 */
export function createPndm(schedule: NoiseSchedule, steps: number): Sampler {
  requireSteps(schedule, steps);
  const calls = callsOf(schedule, steps);
  const timesteps = calls.map(({ timestep }) => timestep);
  const mixtureOfTimestep = (timestep: number) => mixtureAtOrFinal(schedule, timestep, false);
  const { predictionType } = schedule.config;
  let memory: Memory = { outputs: [] };
  return {
    ...preservingLatent([...timesteps, calls[calls.length - 1].to].map(mixtureOfTimestep)),
    name: 'pndm',
    timesteps,
    needsNoise: false,
    step: (modelOutput, step, latent) => {
      const { from, to, kind } = calls[step];
      const moved = advance(memory, kind, step, modelOutput, latent);
      memory = moved.memory;
      const mixture = mixtureOfTimestep(from);
      const clean = predictDenoised(predictionType, mixture, moved.start, moved.output);
      const noise = predictNoise(predictionType, mixture, moved.start, moved.output);
      // Equation 9 in another order: the same as a DDIM step along the combined output.
      return mix(mixtureOfTimestep(to), clean, noise);
    },
  };
}

function callsOf(schedule: NoiseSchedule, steps: number): Call[] {
  const timesteps = wholeTimesteps(schedule, steps);
  const stride = strideOf(schedule, steps);
  const multistep = (timestep: number): Call => ({
    timestep,
    from: timestep,
    to: timestep - stride,
    kind: 'multistep',
  });
  if (!schedule.config.sampling.skipPrkSteps) {
    return [...rungeKuttaCalls(schedule, timesteps), ...timesteps.slice(3).map(multistep)];
  }
  const [first, second, ...others] = timesteps;
  const trial: Call = { ...multistep(first), kind: 'trial' };
  if (second === undefined) return [trial];
  const repeated: Call = { timestep: second, from: second + stride, to: second, kind: 'repeated' };
  return [trial, repeated, ...[second, ...others].map(multistep)];
}

/** Three steps of four calls: at the start, twice in the middle, at the end. */
function rungeKuttaCalls(schedule: NoiseSchedule, timesteps: readonly number[]): Call[] {
  if (timesteps.length < 4) {
    throw new InputError(
      `${timesteps.length} sampling steps: pndm needs at least 4, as ${schedule.config.sampling.where} does not set skip_prk_steps`,
    );
  }
  const half = Math.floor(strideOf(schedule, timesteps.length) / 2);
  return [0, 1, 2].flatMap((step) => {
    const [from, next] = timesteps.slice(step, step + 2);
    const call = (timestep: number, to: number): Call => ({
      timestep,
      from,
      to,
      kind: 'rungeKutta',
    });
    const middle = next + half;
    return [call(from, from - half), call(middle, middle), call(middle, next), call(next, next)];
  });
}

/** What is remembered after a call, from which latent it moves, and along which output. */
function advance(
  memory: Memory,
  kind: Call['kind'],
  step: number,
  output: Float32Array,
  latent: Float32Array,
): { memory: Memory; start: Float32Array; output: Float32Array } {
  if (kind === 'rungeKutta') return advanceRungeKutta(memory, step % 4, output, latent);
  if (kind === 'repeated') {
    // The repeated first step sets out once more from the latent before the trial.
    const mean = combine(output, 0.5, memory.outputs[0], 0.5);
    return { memory: { outputs: memory.outputs }, start: memory.latent ?? latent, output: mean };
  }
  const outputs = [output, ...memory.outputs].slice(0, 4);
  return {
    memory: { outputs, latent: kind === 'trial' ? latent : undefined },
    start: latent,
    output: weightedSum(outputs, multistepWeights[outputs.length - 1]),
  };
}

/** Each of the four calls sets out from the latent before the first; the last one goes along their weighted mean. */
function advanceRungeKutta(
  memory: Memory,
  call: number,
  output: Float32Array,
  latent: Float32Array,
) {
  const outputs = call === 0 ? [output, ...memory.outputs] : memory.outputs;
  const start = (call > 0 && memory.latent) || latent;
  const weight = call === 0 || call === 3 ? 1 / 6 : 1 / 3;
  const { sum: earlier } = call === 0 ? {} : memory;
  const sum = earlier ? combine(earlier, 1, output, weight) : output.map((v) => v * weight);
  return { memory: { outputs, latent: start, sum }, start, output: call === 3 ? sum : output };
}

function weightedSum(values: readonly Float32Array[], weights: readonly number[]): Float32Array {
  return values[0].map((_, i) =>
    weights.reduce((sum, weight, index) => sum + weight * values[index][i], 0),
  );
}
