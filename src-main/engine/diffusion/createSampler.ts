import type { SamplerName } from '../../../src-shared/api.ts';
import type { SchedulerConfig } from '../models/schedulerConfig.ts';
import { createDdim } from './samplers/ddim.ts';
import { createDpmSolverMultistep } from './samplers/dpmSolverMultistep.ts';
import { createEuler } from './samplers/euler.ts';
import { createEulerAncestral } from './samplers/eulerAncestral.ts';
import { createLms } from './samplers/lms.ts';
import { createPndm } from './samplers/pndm.ts';
import type { Sampler, SamplerOptions } from './samplers/sampler.ts';
import { createNoiseSchedule, type NoiseSchedule } from './schedule.ts';

type CreateSampler = (schedule: NoiseSchedule, steps: number, options: SamplerOptions) => Sampler;

const creators: Record<SamplerName, CreateSampler> = {
  ddim: createDdim,
  lms: createLms,
  euler: createEuler,
  'euler-ancestral': createEulerAncestral,
  dpmpp2m: createDpmSolverMultistep,
  pndm: createPndm,
};

/**
 * A sampler for one run.
 *
 * @throws InputError when the model has too few timesteps for so many steps
 */
export function createSampler(
  name: SamplerName,
  schedule: NoiseSchedule,
  steps: number,
  options: SamplerOptions = {},
): Sampler {
  return creators[name](schedule, steps, options);
}

/**
 * A sampler for a picture, as diffusers' StableDiffusionPipeline runs it: that counts timesteps from 1 and clips no
 * latent, whatever an incomplete configuration says.
 *
 * @throws InputError as {@link createSampler}
 */
export function createPipelineSampler(
  name: SamplerName,
  config: SchedulerConfig,
  steps: number,
  options: SamplerOptions = {},
): Sampler {
  return createSampler(name, createNoiseSchedule(pipelineConfig(config)), steps, options);
}

/** diffusers 0.17-0.31, pipelines/stable_diffusion/pipeline_stable_diffusion.py, __init__. */
function pipelineConfig(config: SchedulerConfig): SchedulerConfig {
  return { ...config, sampling: { ...config.sampling, stepsOffset: 1, clipSample: false } };
}
