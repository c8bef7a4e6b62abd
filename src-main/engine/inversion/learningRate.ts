import { InputError } from '../../../src-shared/inputError.ts';

export const learningRateSchedules = [
  'constant',
  'constant_with_warmup',
  'linear',
  'cosine',
] as const;

export type LearningRateSchedule = (typeof learningRateSchedules)[number];

export interface LearningRateOptions {
  readonly schedule: LearningRateSchedule;
  /** Optimiser steps during which the rate rises from 0; 'constant' has none. */
  readonly warmupSteps: number;
  /** Optimiser steps of the whole training. */
  readonly trainingSteps: number;
}

/**
 * What the learning rate is multiplied by in an optimiser step, from 0 to 1 (diffusers 0.31.0, optimization.py,
 * get_scheduler with its defaults). With a warm-up the very first step has rate 0.
 *
 * @param step counted from 0
 */
export function learningRateFactor(options: LearningRateOptions, step: number): number {
  const { schedule, warmupSteps, trainingSteps } = options;
  if (schedule === 'constant') return 1;
  if (step < warmupSteps) return step / Math.max(1, warmupSteps);
  const progress = (step - warmupSteps) / Math.max(1, trainingSteps - warmupSteps);
  switch (schedule) {
    case 'constant_with_warmup':
      return 1;
    case 'linear':
      return Math.max(0, 1 - progress);
    case 'cosine':
      return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
  }
}

/** @throws InputError that lists the names there are */
export function parseLearningRateSchedule(name: string): LearningRateSchedule {
  const found = learningRateSchedules.find((known) => known === name);
  if (found) return found;
  const expected = learningRateSchedules.join(', ');
  throw new InputError(`learning-rate schedule '${name}': expected one of ${expected}`);
}
