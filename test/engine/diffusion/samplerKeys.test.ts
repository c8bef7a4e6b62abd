import { describe, expect, it } from 'vitest';
import { createPipelineSampler } from '../../../src-main/engine/diffusion/createSampler.ts';
import { requireSamplerKeys } from '../../../src-main/engine/diffusion/samplerKeys.ts';
import { parseSchedulerConfig } from '../../../src-main/engine/models/schedulerConfig.ts';
import { type SamplerName, samplerNames } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';

const parse = (json: object) => parseSchedulerConfig(json, 'scheduler_config.json');

function refusedBy(json: object): SamplerName[] {
  const { sampling } = parse(json);
  return samplerNames.filter((name) => {
    try {
      requireSamplerKeys(name, sampling);
      return false;
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      return true;
    }
  });
}

describe('keys that change the computation', () => {
  it.each<[object, SamplerName[]]>([
    [{ thresholding: true }, ['ddim', 'dpmpp2m']],
    [{ use_exponential_sigmas: true }, ['lms', 'euler', 'dpmpp2m']],
    [{ use_beta_sigmas: true }, ['lms', 'euler', 'dpmpp2m']],
    [{ interpolation_type: 'log_linear' }, ['euler']],
    [{ timestep_type: 'continuous' }, ['euler']],
    [{ final_sigmas_type: 'sigma_min' }, ['euler', 'dpmpp2m']],
    [{ solver_order: 3 }, ['dpmpp2m']],
    [{ solver_type: 'heun' }, ['dpmpp2m']],
    [{ algorithm_type: 'sde-dpmsolver++' }, ['dpmpp2m']],
    [{ lambda_min_clipped: -5.1 }, ['dpmpp2m']],
    [{ variance_type: 'learned_range' }, ['dpmpp2m']],
  ])('%j is refused by the samplers that read it', (json, names) => {
    expect(refusedBy(json)).toEqual(names);
  });

  it('are refused by name, with a way out', () => {
    const { sampling } = parse({ solver_order: 3 });
    expect(() => requireSamplerKeys('dpmpp2m', sampling)).toThrow(
      'scheduler_config.json: solver_order is 3: not supported by Tessera, expected 2 with the sampler dpmpp2m; take another sampler',
    );
  });

  it('are accepted where they change nothing', () => {
    const harmless = {
      algorithm_type: 'deis',
      dynamic_thresholding_ratio: 0.9,
      euler_at_final: true,
      final_sigmas_type: 'zero',
      interpolation_type: 'linear',
      lambda_min_clipped: null,
      lower_order_final: false,
      sample_max_value: 2,
      solver_type: 'logrho',
      use_beta_sigmas: false,
      variance_type: 'fixed_small',
    };
    expect(refusedBy(harmless)).toEqual([]);
  });

  it('count where DPM-Solver++ ends at noise', () => {
    const { sampling } = parse({ lower_order_final: false });
    const options = { finalSigma: 'sigma_min' } as const;
    expect(() => requireSamplerKeys('dpmpp2m', sampling, options)).toThrow(/lower_order_final/);
  });

  it('of no known spacing are refused', () => {
    expect(() => parse({ timestep_spacing: 'log' })).toThrow('timestep_spacing is "log": expected');
  });
});

describe('a pipeline', () => {
  it('counts timesteps from 1 and clips nothing, whatever the configuration leaves out', () => {
    const sampler = createPipelineSampler('ddim', parse({}), 10);
    expect(sampler.timesteps.at(-1)).toBe(1);
    const latent = Float32Array.of(30);
    const { signal, noise } = sampler.mixtureAt(9);
    // The last step of DDIM by default ends at the clean latent.
    const clean = (latent[0] - noise) / signal;
    expect(sampler.step(Float32Array.of(1), 9, latent)[0] / clean).toBeCloseTo(1, 5);
  });

  it('refuses so few steps that Runge and Kutta find no place', () => {
    expect(() => createPipelineSampler('pndm', parse({}), 3)).toThrow(
      '3 sampling steps: pndm needs at least 4, as scheduler_config.json does not set skip_prk_steps',
    );
  });
});
