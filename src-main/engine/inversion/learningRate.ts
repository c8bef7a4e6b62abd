import { learningRateSchedules } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';

export type LearningRateSchedule = (typeof learningRateSchedules)[number];

export interface LearningRateOptions {
  readonly schedule: LearningRateSchedule;
  /** The rate that the factor is for. */
  readonly base: number;
  /** Optimiser steps during which the rate rises from 0; 'constant' has none. */
  readonly warmupSteps: number;
  /** Optimiser steps of the whole training. */
  readonly trainingSteps: number;
  /** How often 'cosine_with_restarts' falls; 1 where absent. */
  readonly cycles?: number;
  /** Of 'polynomial'; 1 where absent. */
  readonly power?: number;
}

/** The rate with which 'polynomial' ends. */
const lastRate = 1e-7;

/**
 * What the learning rate is multiplied by in an optimiser step, from 0 to 1 (diffusers 0.31.0, optimization.py,
 * get_scheduler). With a warm-up the very first step has rate 0.
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
      return halfWave(progress);
    case 'cosine_with_restarts':
      return progress >= 1 ? 0 : halfWave(((options.cycles ?? 1) * progress) % 1);
    case 'polynomial': {
      const last = Math.min(lastRate / options.base, 1);
      return progress > 1 ? last : (1 - last) * (1 - progress) ** (options.power ?? 1) + last;
    }
  }
}

/** From 1 to 0 as the argument goes from 0 to 1. */
function halfWave(progress: number): number {
  return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** @throws InputError that lists the names there are */
export function parseLearningRateSchedule(name: string): LearningRateSchedule {
  const found = learningRateSchedules.find((known) => known === name);
  if (found) return found;
  const expected = learningRateSchedules.join(', ');
  throw new InputError(`learning-rate schedule '${name}': expected one of ${expected}`);
}
