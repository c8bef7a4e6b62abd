/** scheduler_config.json of diffusers 0.17-0.31: the noise that a model was trained with, and how it is sampled. */
import * as z from 'zod';
import { only, parseKeys, positive, requireLength, size } from './configKeys.ts';

const schedulerKeys = z.looseObject({
  beta_end: positive.default(0.02),
  beta_schedule: z
    .enum(['linear', 'scaled_linear', 'squaredcos_cap_v2'], {
      error: 'not supported by Tessera, expected "scaled_linear", "linear" or "squaredcos_cap_v2"',
    })
    .default('linear'),
  beta_start: positive.default(0.0001),
  clip_sample: z.boolean().nullish(),
  clip_sample_range: positive.nullish(),
  num_train_timesteps: size.default(1000),
  prediction_type: z
    .enum(['epsilon', 'v_prediction'], {
      error: 'not supported by Tessera, expected "epsilon" or "v_prediction"',
    })
    .default('epsilon'),
  rescale_betas_zero_snr: only(false),
  set_alpha_to_one: z.boolean().nullish(),
  skip_prk_steps: z.boolean().nullish(),
  steps_offset: z.int().nonnegative().default(0),
  timestep_spacing: z
    .enum(['leading', 'trailing', 'linspace'], {
      error: 'expected "leading", "trailing" or "linspace"',
    })
    .nullish(),
  trained_betas: z.array(positive).nullish(),
  use_karras_sigmas: z.boolean().nullish(),
});

export type PredictionType = 'epsilon' | 'v_prediction';

export type TimestepSpacing = 'leading' | 'trailing' | 'linspace';

/** The forward process, which training follows, and how samplers go back. */
export interface SchedulerConfig {
  readonly trainTimesteps: number;
  readonly betaStart: number;
  readonly betaEnd: number;
  readonly betaSchedule: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2';
  /** One per training timestep; takes the place of the schedule where present. */
  readonly trainedBetas: readonly number[] | undefined;
  readonly predictionType: PredictionType;
  readonly sampling: SamplingConfig;
}

/** What only samplers read. Where it is undefined, every sampler has a default of its own. */
export interface SamplingConfig {
  readonly stepsOffset: number;
  readonly timestepSpacing: TimestepSpacing | undefined;
  /** Whether the step after the last one has alpha-bar 1 instead of that of timestep 0. */
  readonly setAlphaToOne: boolean | undefined;
  /** Whether DDIM clips the clean latent, and at which value. */
  readonly clipSample: boolean | undefined;
  readonly clipSampleRange: number;
  /** Whether PNDM starts without the steps of Runge and Kutta. */
  readonly skipPrkSteps: boolean;
  readonly karras: boolean;
  /** All keys of the file, for those that a sampler must refuse. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** The file, for messages. */
  readonly where: string;
}

/**
 * @param json  the parsed scheduler/scheduler_config.json
 * @param where the file, for messages
 * @throws ConfigError naming file, key, value and what was expected
 */
export function parseSchedulerConfig(json: unknown, where: string): SchedulerConfig {
  const keys = parseKeys(schedulerKeys, json, where);
  const trainedBetas = keys.trained_betas ?? undefined;
  if (trainedBetas) requireLength(where, 'trained_betas', trainedBetas, keys.num_train_timesteps);
  return {
    trainTimesteps: keys.num_train_timesteps,
    betaStart: keys.beta_start,
    betaEnd: keys.beta_end,
    betaSchedule: keys.beta_schedule,
    trainedBetas,
    predictionType: keys.prediction_type,
    sampling: {
      stepsOffset: keys.steps_offset,
      timestepSpacing: keys.timestep_spacing ?? undefined,
      setAlphaToOne: keys.set_alpha_to_one ?? undefined,
      clipSample: keys.clip_sample ?? undefined,
      clipSampleRange: keys.clip_sample_range ?? 1,
      skipPrkSteps: keys.skip_prk_steps ?? false,
      karras: keys.use_karras_sigmas ?? false,
      keys,
      where,
    },
  };
}
