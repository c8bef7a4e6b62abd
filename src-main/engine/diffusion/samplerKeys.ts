import * as z from 'zod';
import type { SamplerName } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { ConfigError, only, parseKeys } from '../models/configKeys.ts';
import type { SamplingConfig } from '../models/schedulerConfig.ts';
import type { SamplerOptions } from './samplers/sampler.ts';

const levels = { use_beta_sigmas: only(false), use_exponential_sigmas: only(false) };

/**
 * Keys of scheduler_config.json that change what a sampler of diffusers 0.31.0 computes, with the values that change
 * nothing here. Training does not read them, nor do other samplers.
 */
const samplerKeys: Record<SamplerName, z.ZodObject> = {
  ddim: z.object({ thresholding: only(false) }),
  pndm: z.object({}),
  lms: z.object(levels),
  euler: z.object({
    ...levels,
    final_sigmas_type: only('zero'),
    interpolation_type: only('linear'),
    sigma_max: only(),
    sigma_min: only(),
    timestep_type: only('discrete'),
  }),
  'euler-ancestral': z.object({}),
  dpmpp2m: z.object({
    ...levels,
    // diffusers reads 'deis', 'logrho', 'bh1' and 'bh2', of other solvers, as its own.
    algorithm_type: only('dpmsolver++', 'deis'),
    final_sigmas_type: only('zero'),
    lambda_min_clipped: only(),
    solver_order: only(2),
    solver_type: only('midpoint', 'logrho', 'bh1', 'bh2'),
    thresholding: only(false),
    use_flow_sigmas: only(false),
    use_lu_lambdas: only(false),
    // A model that predicts its variance has more output channels.
    variance_type: only('fixed_small', 'fixed_small_log', 'fixed_large', 'fixed_large_log'),
  }),
};

/** At a last noise level of zero the last step is of first order whatever this says. */
const lastStepKeys = z.object({ lower_order_final: only(true) });

/** @throws InputError where the model's scheduler asks for what a sampler here does not do */
export function requireSamplerKeys(
  name: SamplerName,
  { keys, where }: SamplingConfig,
  { finalSigma = 'zero' }: SamplerOptions = {},
): void {
  try {
    parseKeys(samplerKeys[name], keys, where);
    if (name === 'dpmpp2m' && finalSigma === 'sigma_min') parseKeys(lastStepKeys, keys, where);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new InputError(`${error.message} with the sampler ${name}; take another sampler`);
  }
}
