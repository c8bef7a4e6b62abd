import type { Sampler } from '../diffusion/samplers/sampler.ts';
import type { LatentMixture } from '../diffusion/schedule.ts';
import type { LayoutEvaluation, LayoutGradient } from './layoutGradient.ts';
import type { PlacedObject } from './layoutMasks.ts';

export interface SpatialGuidanceOptions {
  readonly gradient: LayoutGradient;
  readonly sampler: Pick<Sampler, 'timesteps' | 'scaleModelInput' | 'mixtureAt'>;
  /** Hidden states of the conditional prompt, [1, tokens, hiddenSize]. */
  readonly hiddenStates: Float32Array;
  readonly objects: readonly PlacedObject[];
  /**
   * As the released code: the last loss carries over to the next step, so that once it is below the threshold it is
   * never evaluated again, and the evaluation that finds it so still moves the latent.
   */
  readonly official?: boolean;
  /** Unscaled loss above which the latent is moved; 0.2 by default. */
  readonly threshold?: number;
  /** Updates before one step at most; 5 by default. */
  readonly maxIterations?: number;
  /** How many of the first steps are guided; 10 by default. */
  readonly maxGuidedSteps?: number;
  readonly onEvaluation?: (evaluation: GuidanceEvaluation) => void;
  readonly signal?: AbortSignal;
}

/** One look at the layout. */
export interface GuidanceEvaluation {
  /** Step of the sampler, from 0. */
  readonly step: number;
  /** Evaluation within the step, from 0. */
  readonly iteration: number;
  /** Not scaled. */
  readonly loss: number;
  /** Whether the latent was moved after it. */
  readonly updated: boolean;
}

export interface SpatialGuidance {
  /** Moves the latent before a step: the hook of the sampling loop. Steps must come in order. */
  readonly beforeStep: (latent: Float32Array, step: number) => Promise<Float32Array>;
  /** All evaluations so far. */
  readonly evaluations: readonly GuidanceEvaluation[];
  /** Number of updates before each step of the sampler. */
  updatesPerStep(): number[];
}

/**
 * The update loop of spatial inversion (arXiv 2312.08048; `inference` of the released code at 63af729,
 * utils/layout_control.py): before a step, latent <- latent - sigma^2 * d(30 loss)/d(latent), for any sampler.
 * For one run of a sampler.
 */
export function createSpatialGuidance(options: SpatialGuidanceOptions): SpatialGuidance {
  const { maxIterations = 5, maxGuidedSteps = 10, threshold = 0.2, official = false } = options;
  const evaluations: GuidanceEvaluation[] = [];
  let carried = Number.POSITIVE_INFINITY;
  const report = (evaluation: GuidanceEvaluation) => {
    evaluations.push(evaluation);
    options.onEvaluation?.(evaluation);
  };
  const beforeStep = async (start: Float32Array, step: number) => {
    if (step >= maxGuidedSteps) return start;
    let latent = start;
    if (!official) carried = Number.POSITIVE_INFINITY;
    for (let iteration = 0; iteration < maxIterations && carried > threshold; iteration++) {
      options.signal?.throwIfAborted();
      const { loss, gradient } = await evaluate(options, latent, step);
      carried = loss;
      const updated = official || loss > threshold;
      if (updated) latent = updateLatent(latent, gradient, options.sampler.mixtureAt(step));
      report({ step, iteration, loss, updated });
    }
    return latent;
  };
  return {
    beforeStep,
    evaluations,
    updatesPerStep: () =>
      options.sampler.timesteps.map(
        (_, step) => evaluations.filter((one) => one.step === step && one.updated).length,
      ),
  };
}

async function evaluate(
  { gradient, sampler, hiddenStates, objects }: SpatialGuidanceOptions,
  latent: Float32Array,
  step: number,
): Promise<LayoutEvaluation> {
  const sample = sampler.scaleModelInput(latent, step);
  const timestep = sampler.timesteps[step];
  const evaluation = await gradient.evaluate({ sample, timestep, hiddenStates, objects });
  if (Number.isFinite(evaluation.loss) && evaluation.gradient.every(Number.isFinite)) {
    return evaluation;
  }
  throw new Error(
    `spatial guidance: the loss or its gradient is not finite in step ${step + 1} (timestep ${timestep})`,
  );
}

/**
 * One update, in the sampler's own parametrisation of the latent (decision 0007).
 *
 * The paper moves the variance-exploding latent y = clean + sigma * epsilon by -sigma^2 dL/dy. A latent
 * z = signal * y, with noise = signal * sigma, then moves by -signal * sigma^2 * signal * dL/dz = -noise^2 dL/dz.
 * The model sees x = z / hypot(signal, noise), whence dL/dz = dL/dx / hypot(signal, noise).
 *
 * @param gradient dL/dx
 */
export function updateLatent(
  latent: Float32Array,
  gradient: Float32Array,
  { signal, noise }: LatentMixture,
): Float32Array {
  const scale = noise ** 2 / Math.hypot(signal, noise);
  return latent.map((value, index) => value - scale * gradient[index]);
}
