import { describe, expect, it } from 'vitest';
import {
  addNoise,
  createNoiseSchedule,
  mixtureAt,
  predictionTarget,
  velocity,
} from '../../../src-main/engine/diffusion/schedule.ts';
import { parseSchedulerConfig } from '../../../src-main/engine/models/schedulerConfig.ts';
import { goldenFloats, relativeL2 } from '../../support/goldenTensors.ts';
import { readReferenceSchedules } from './referenceSchedules.ts';

describe.each(['0.17.0', '0.31.0'])('noise schedule of diffusers %s', (version) => {
  const reference = readReferenceSchedules(version);
  const schedule = reference.schedule('epsilon');
  const { tensors } = reference;

  it('has its betas and their products to the last bit', () => {
    expect(schedule.betas).toEqual(goldenFloats(tensors, 'betas'));
    expect(schedule.alphasCumprod).toEqual(goldenFloats(tensors, 'alphas_cumprod'));
  });

  const clean = goldenFloats(tensors, 'add_noise.x');
  const noise = goldenFloats(tensors, 'add_noise.noise');
  const timesteps = Array.from(tensors.get('add_noise.t')?.data ?? [], Number);

  it('adds noise', () => {
    const noisy = addNoise(schedule, clean, noise, timesteps);
    expect(relativeL2(noisy, goldenFloats(tensors, 'add_noise.out'))).toBeLessThan(1e-6);
  });

  it('knows the velocity', () => {
    const expected = goldenFloats(tensors, 'add_noise.velocity');
    expect(relativeL2(velocity(schedule, clean, noise, timesteps), expected)).toBeLessThan(1e-6);
    expect(predictionTarget(schedule, clean, noise, timesteps)).toEqual(noise);
    const ofVelocity = reference.schedule('v_prediction');
    expect(predictionTarget(ofVelocity, clean, noise, timesteps)).toEqual(
      velocity(schedule, clean, noise, timesteps),
    );
  });
});

describe('other noise schedules', () => {
  const create = (keys: object) => createNoiseSchedule(parseSchedulerConfig(keys, 'test'));

  it('runs linearly from beta_start to beta_end', () => {
    const { betas } = create({ beta_schedule: 'linear', beta_start: 0.0001, beta_end: 0.02 });
    expect(betas).toHaveLength(1000);
    expect([betas[0], betas[999]]).toEqual([Math.fround(0.0001), Math.fround(0.02)]);
    expect(betas[500]).toBeCloseTo(0.0001 + (0.0199 * 500) / 999, 7);
  });

  it('follows the squared cosine', () => {
    const { betas, alphasCumprod } = create({ beta_schedule: 'squaredcos_cap_v2' });
    // Half of the way the share of signal is that of cos^2 at (0.5 + 0.008) / 1.008, over that at 0.
    const alphaBar = (time: number) => Math.cos((((time + 0.008) / 1.008) * Math.PI) / 2) ** 2;
    expect(alphasCumprod[499]).toBeCloseTo(alphaBar(0.5) / alphaBar(0), 5);
    expect(betas[999]).toBe(Math.fround(0.999));
  });

  it('takes trained betas as they are', () => {
    const { alphasCumprod } = create({ num_train_timesteps: 2, trained_betas: [0.5, 0.25] });
    expect(alphasCumprod).toEqual(Float32Array.of(0.5, 0.375));
  });

  it('names a timestep that the model was not trained with', () => {
    const schedule = create({ num_train_timesteps: 10 });
    expect(() => mixtureAt(schedule, 10)).toThrow(
      /timestep 10: expected a whole number from 0 to 9/,
    );
    expect(() => mixtureAt(schedule, 1.5)).toThrow(/timestep 1.5/);
  });
});
