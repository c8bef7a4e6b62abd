import { InputError } from '../../../src-shared/inputError.ts';
import type { TimestepSpacing } from '../models/schedulerConfig.ts';
import { roundHalfEven } from '../numbers.ts';
import type { NoiseSchedule } from './schedule.ts';

/**
 * Timesteps of a run from high to low by the three rules of arXiv 2305.08891, table 2, as diffusers 0.31.0 writes them:
 * "linspace" from the last trained one to 0, in general not whole; "leading" a whole number apart, the lowest one
 * `stepsOffset`; "trailing" evenly from the last one, rounded.
 *
 * @throws InputError where the highest lies beyond the timesteps that the model was trained with
 */
export function spacedTimesteps(
  schedule: NoiseSchedule,
  steps: number,
  spacing: TimestepSpacing,
): number[] {
  const { trainTimesteps } = schedule.config;
  switch (spacing) {
    case 'linspace':
      return descending(trainTimesteps - 1, 0, steps);
    case 'leading':
      return leadingTimesteps(schedule, steps, strideOf(schedule, steps));
    case 'trailing':
      return trailingTimesteps(schedule, steps);
  }
}

/** @param stride between two timesteps */
export function leadingTimesteps(schedule: NoiseSchedule, steps: number, stride: number): number[] {
  const { trainTimesteps, sampling } = schedule.config;
  const highest = (steps - 1) * stride + sampling.stepsOffset;
  if (highest >= trainTimesteps) {
    throw new InputError(
      `${steps} sampling steps: the first is timestep ${highest}, the model knows 0 to ${trainTimesteps - 1}; take fewer`,
    );
  }
  return Array.from({ length: steps }, (_, i) => highest - i * stride);
}

/** Exactly `steps`: for some numbers diffusers rounds so that timestep -1 follows, which no model knows. */
function trailingTimesteps({ config }: NoiseSchedule, steps: number): number[] {
  const { trainTimesteps } = config;
  // numpy.arange takes the difference of its first two values, which is rounded, for its step.
  const stride = trainTimesteps - (trainTimesteps - trainTimesteps / steps);
  return Array.from({ length: steps }, (_, i) => roundHalfEven(trainTimesteps - i * stride) - 1);
}

/** Timesteps from one step to the next, a whole number. */
export function strideOf(schedule: NoiseSchedule, steps: number): number {
  return Math.floor(schedule.config.trainTimesteps / steps);
}

/** numpy.linspace, from the last value to the first. */
export function descending(last: number, first: number, count: number): number[] {
  // A single value is the noisiest: numpy gives the other end, from which no image can come.
  if (count === 1) return [last];
  const step = (last - first) / (count - 1);
  return Array.from({ length: count }, (_, i) => first + step * (count - 1 - i));
}
