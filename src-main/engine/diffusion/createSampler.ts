import { createDdim } from './samplers/ddim.ts';
import { createDpmSolverMultistep } from './samplers/dpmSolverMultistep.ts';
import { createEuler } from './samplers/euler.ts';
import { createEulerAncestral } from './samplers/eulerAncestral.ts';
import { createLms } from './samplers/lms.ts';
import { createPndm } from './samplers/pndm.ts';
import type { Sampler, SamplerName, SamplerOptions } from './samplers/sampler.ts';
import type { NoiseSchedule } from './schedule.ts';

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
