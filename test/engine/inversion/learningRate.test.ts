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

  it('never falls below zero after the end', () => {
    for (const schedule of ['linear', 'cosine'] as const) {
      const options = { schedule, warmupSteps: 0, trainingSteps: 4 };
      expect(learningRateFactor(options, 4)).toBe(0);
      expect(learningRateFactor({ ...options, schedule: 'linear' }, 9)).toBe(0);
    }
  });

  it('names the schedules there are', () => {
    expect(() => parseLearningRateSchedule('warm')).toThrow(/'warm': expected one of constant,/);
  });
});
