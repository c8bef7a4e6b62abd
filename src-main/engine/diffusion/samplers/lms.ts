import { combine, predictNoise } from '../prediction.ts';
import type { NoiseSchedule } from '../schedule.ts';
import { explodingLatent } from './explodingLatent.ts';
import { rememberOutputs, type Sampler, type SamplerOptions } from './sampler.ts';

const order = 4;

/**
 * Linear multistep method of order 4 in sigma (diffusers 0.31.0, schedulers/scheduling_lms_discrete.py, after
 * Katherine Crowson's k-diffusion): the last derivatives, interpolated by a polynomial that is integrated.
 */
export function createLms(
  schedule: NoiseSchedule,
  steps: number,
  options: SamplerOptions,
): Sampler {
  const base = explodingLatent('lms', schedule, steps, options);
  const remember = rememberOutputs(order);
  return {
    ...base,
    needsNoise: false,
    step: (modelOutput, step, latent) => {
      const { predictionType } = schedule.config;
      const mixture = base.mixtureAt(step);
      const derivatives = remember(predictNoise(predictionType, mixture, latent, modelOutput));
      const weights = lmsCoefficients(base.sigmas, step);
      return weights.reduce(
        (sum, weight, back) => combine(sum, 1, derivatives[back], weight),
        latent,
      );
    },
  };
}

/**
 * Weight of the derivative `back` steps ago in a step, for back = 0 .. min(step, 3): the integral of its Lagrange
 * polynomial from this noise level to the next. The reference integrates by adaptive quadrature with a relative
 * tolerance of 1e-4; two Gauss points are exact for a polynomial of degree 3.
 *
 * @param sigmas noise levels, one more than there are steps
 */
export function lmsCoefficients(sigmas: readonly number[], step: number): number[] {
  const nodes = sigmas.slice(Math.max(step - order + 1, 0), step + 1).reverse();
  const middle = (sigmas[step + 1] + sigmas[step]) / 2;
  const half = (sigmas[step + 1] - sigmas[step]) / 2;
  const offset = half / Math.sqrt(3);
  return nodes.map(
    (_, back) =>
      half * (lagrange(nodes, back, middle - offset) + lagrange(nodes, back, middle + offset)),
  );
}

/** The polynomial that is 1 at nodes[index] and 0 at every other node. */
function lagrange(nodes: readonly number[], index: number, at: number): number {
  return nodes.reduce(
    (product, node, other) =>
      other === index ? product : (product * (at - node)) / (nodes[index] - node),
    1,
  );
}
