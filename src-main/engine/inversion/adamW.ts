import { type NamedArrays, requireGradient } from './namedArrays.ts';

/** Parameters that are trained alike. The optimiser changes the arrays in place. */
export interface ParameterGroup {
  readonly parameters: NamedArrays;
  readonly learningRate: number;
  readonly weightDecay: number;
}

export interface AdamWOptions {
  /** Decay of the two moments per step. Default 0.9 and 0.999. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly epsilon?: number;
}

/** Steps taken and both moments of every parameter: all that the optimiser remembers. */
export interface AdamWState {
  readonly step: number;
  readonly firstMoments: NamedArrays;
  readonly secondMoments: NamedArrays;
}

export interface AdamW {
  /**
   * @param gradients          one per parameter, of its length
   * @param learningRateFactor of this step, see `learningRate.ts`
   */
  step(gradients: NamedArrays, learningRateFactor?: number): void;
  /** What it remembers, to be stored before the next step, which changes it in place. */
  state(): AdamWState;
  /** Goes on from a state, which is copied. */
  restore(state: AdamWState): void;
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), operation by operation as
 * torch.optim.AdamW of torch 1.13 (_single_tensor_adamw), with its roundings to float32.
 */
export function createAdamW(groups: readonly ParameterGroup[], options: AdamWOptions = {}): AdamW {
  const arrays = namedParameters(groups);
  let step = 0;
  const firstMoments = zerosLike(arrays);
  const secondMoments = zerosLike(arrays);
  return {
    step: (gradients, learningRateFactor = 1) => {
      step++;
      for (const { parameters, learningRate, weightDecay } of groups) {
        for (const [name, values] of Object.entries(parameters)) {
          const gradient = requireGradient(gradients, name, values);
          const moments = { first: firstMoments[name], second: secondMoments[name] };
          const rate = learningRate * learningRateFactor;
          updateAdamW(values, gradient, moments, { ...options, rate, weightDecay, step });
        }
      }
    },
    state: () => ({ step, firstMoments, secondMoments }),
    restore: (state) => {
      copyInto(firstMoments, state.firstMoments);
      copyInto(secondMoments, state.secondMoments);
      step = state.step;
    },
  };
}

interface AdamWUpdate extends AdamWOptions {
  readonly rate: number;
  readonly weightDecay: number;
  /** Counted from 1. */
  readonly step: number;
}

function updateAdamW(
  values: Float32Array,
  gradient: Float32Array,
  { first, second }: { readonly first: Float32Array; readonly second: Float32Array },
  { rate, weightDecay, step, betas: [beta1, beta2] = [0.9, 0.999], epsilon = 1e-8 }: AdamWUpdate,
): void {
  const { fround, sqrt } = Math;
  const [keepFirst, addFirst] = [fround(beta1), fround(1 - beta1)];
  const [keepSecond, addSecond] = [fround(beta2), fround(1 - beta2)];
  const decay = fround(1 - rate * weightDecay);
  const stepSize = fround(-rate / (1 - beta1 ** step));
  const correction = fround(sqrt(1 - beta2 ** step));
  const roundedEpsilon = fround(epsilon);
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i];
    first[i] = fround(first[i] * keepFirst) + addFirst * g;
    second[i] = fround(second[i] * keepSecond) + fround(addSecond * g) * g;
    const deviation = fround(fround(fround(sqrt(second[i])) / correction) + roundedEpsilon);
    values[i] = fround(values[i] * decay) + fround(fround(stepSize * first[i]) / deviation);
  }
}

function namedParameters(groups: readonly ParameterGroup[]): NamedArrays {
  const arrays: Record<string, Float32Array> = {};
  for (const [name, values] of groups.flatMap(({ parameters }) => Object.entries(parameters))) {
    if (arrays[name]) throw new Error(`internal: parameter '${name}' is in two groups`);
    arrays[name] = values;
  }
  return arrays;
}

function copyInto(targets: NamedArrays, sources: NamedArrays): void {
  for (const [name, target] of Object.entries(targets)) {
    const source = sources[name];
    if (source?.length !== target.length) {
      const length = source?.length ?? 'no';
      throw new Error(`optimiser state: '${name}' has ${length} values, expected ${target.length}`);
    }
    target.set(source);
  }
}

function zerosLike(arrays: NamedArrays): NamedArrays {
  const zeros = Object.entries(arrays).map(([name, { length }]) => [
    name,
    new Float32Array(length),
  ]);
  return Object.fromEntries(zeros);
}
