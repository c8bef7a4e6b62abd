import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createSampler } from '../../../src-main/engine/diffusion/createSampler.ts';
import { createNoiseSchedule } from '../../../src-main/engine/diffusion/schedule.ts';
import { parseSchedulerConfig } from '../../../src-main/engine/models/schedulerConfig.ts';
import type { SamplerName } from '../../../src-shared/api.ts';
import { relativeL2 } from '../../support/goldenTensors.ts';

/** As tools/pytorch/sampler_runs.py writes it. */
interface SamplerRun {
  readonly sampler: SamplerName;
  readonly config: Readonly<Record<string, unknown>>;
  readonly steps: number;
  readonly initNoiseSigma: number;
  readonly timesteps: readonly number[];
  /** After every call. */
  readonly latents: readonly (readonly number[])[];
}

const path = new URL('../../golden-varied/sampler-runs.json', import.meta.url);
const runs: SamplerRun[] = JSON.parse(readFileSync(path, 'utf8'));
const places = [0, 1, 2, 3];

function titleOf({ sampler, config, steps }: SamplerRun): string {
  const { beta_start, beta_end, beta_schedule, num_train_timesteps, ...told } = config;
  return `${sampler}, ${steps} steps, ${JSON.stringify(told)}`;
}

it.each(runs.map((run) => [titleOf(run), run] as const))('%s', (_, run) => {
  const schedule = createNoiseSchedule(parseSchedulerConfig(run.config, 'config'));
  const sampler = createSampler(run.sampler, schedule, run.steps);
  expect(sampler.timesteps).toHaveLength(run.timesteps.length);
  expect(relativeL2(sampler.timesteps, run.timesteps)).toBeLessThan(1e-5);
  expect(sampler.initNoiseSigma / run.initNoiseSigma).toBeCloseTo(1, 5);
  let latent: Float32Array = Float32Array.from(places, (i) => Math.cos(i) * sampler.initNoiseSigma);
  for (const [call, expected] of run.latents.entries()) {
    const output = Float32Array.from(places, (i) => Math.sin(3 * call + i + 1));
    latent = sampler.step(output, call, latent);
    expect(relativeL2(latent, expected), `call ${call}`).toBeLessThan(1e-5);
  }
});
