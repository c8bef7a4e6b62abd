import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  learningRateFactor,
  parseLearningRateSchedule,
} from '../../../src-main/engine/inversion/learningRate.ts';
import { goldenPath } from '../../support/golden.ts';
import { readGolden } from '../../support/goldenTensors.ts';

const { cases } = JSON.parse(readFileSync(goldenPath('adamw.json') ?? '', 'utf8'));
const tensors = readGolden(goldenPath('adamw.safetensors') ?? '');

describe('learning rates of diffusers 0.17.0', () => {
  it.each(Object.keys(cases))('case %s', (key) => {
    const { lr, schedule, warmup_steps, training_steps } = cases[key];
    const options = {
      // The reference's own name for a constant rate after five steps of warm-up.
      schedule: parseLearningRateSchedule(
        schedule === 'warmup5' ? 'constant_with_warmup' : schedule,
      ),
      base: lr,
      warmupSteps: warmup_steps,
      trainingSteps: training_steps,
    };
    const rates = Array.from(
      { length: training_steps },
      (_, step) => lr * learningRateFactor(options, step),
    );
    const expected = Array.from(tensors.get(`${key}.lr`)?.data ?? [], Number);
    expect(rates).toHaveLength(expected.length);
    for (const [step, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[step], 15);
  });

  // Of get_scheduler of diffusers 0.17.0 with a rate of 0.005, and two steps beyond the end.
  it.each([
    [
      { schedule: 'polynomial', warmupSteps: 2, trainingSteps: 7 } as const,
      [0, 0.0025, 0.005, 0.00400002, 0.00300004, 0.00200006, 0.00100008, 1e-7, 1e-7],
    ],
    [
      { schedule: 'polynomial', warmupSteps: 2, trainingSteps: 7, power: 2 } as const,
      [0, 0.0025, 0.005, 0.003200036, 0.001800064, 0.000800084, 0.000200096, 1e-7, 1e-7],
    ],
    [
      { schedule: 'cosine_with_restarts', warmupSteps: 1, trainingSteps: 5, cycles: 2 } as const,
      [0, 0.005, 0.0025, 0.005, 0.0025, 0, 0],
    ],
    [
      { schedule: 'cosine_with_restarts', warmupSteps: 0, trainingSteps: 4 } as const,
      [0.005, 0.00426776695, 0.0025, 0.00073223305, 0, 0],
    ],
  ])('%j', (options, expected) => {
    for (const [step, rate] of expected.entries()) {
      expect(0.005 * learningRateFactor({ ...options, base: 0.005 }, step)).toBeCloseTo(rate, 11);
    }
  });

  it('never falls below zero after the end', () => {
    for (const schedule of ['linear', 'cosine'] as const) {
      const options = { schedule, base: 1, warmupSteps: 0, trainingSteps: 4 };
      expect(learningRateFactor(options, 4)).toBe(0);
      expect(learningRateFactor({ ...options, schedule: 'linear' }, 9)).toBe(0);
    }
  });

  it('names the schedules there are', () => {
    expect(() => parseLearningRateSchedule('warm')).toThrow(/'warm': expected one of constant,/);
  });
});
