/** Numbers by the name of the parameter that they belong to. */
export type NamedArrays = Readonly<Record<string, Float32Array>>;

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

export interface Optimizer<State> {
  /**
   * @param gradients          one per parameter, of its length
   * @param learningRateFactor of this step, see `learningRate.ts`
   */
  step(gradients: NamedArrays, learningRateFactor?: number): void;
  /** What it remembers, to be stored before the next step, which changes it in place. */
  state(): State;
  /** Goes on from a state, which is copied. */
  restore(state: State): void;
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), operation by operation as
 * torch.optim.AdamW of torch 1.13 (_single_tensor_adamw), with its roundings to float32.
 */
export function createAdamW(
  groups: readonly ParameterGroup[],
  options: AdamWOptions = {},
): Optimizer<AdamWState> {
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

/**
 * Scales gradients so that their common norm is at most `maxNorm`, in place, as torch.nn.utils.clip_grad_norm_ does:
 * by min(1, maxNorm / (norm + 1e-6)).
 *
 * @returns the norm before
 */
export function clipGradientNorm(gradients: NamedArrays, maxNorm: number): number {
  const norm = globalNorm(gradients);
  const factor = Math.min(1, maxNorm / (norm + 1e-6));
  if (factor < 1) {
    for (const gradient of Object.values(gradients)) scaleInPlace(gradient, factor);
  }
  return norm;
}

/** Euclidean norm of all values together. */
export function globalNorm(arrays: NamedArrays): number {
  return Math.sqrt(Object.values(arrays).reduce((sum, array) => sum + sumOfSquares(array), 0));
}

/** Name of an array that holds an infinity or something that is no number. */
export function findNotFinite(arrays: NamedArrays): string | undefined {
  // squares of float32 numbers cannot overflow, and a sum is much faster than a look at each
  return Object.keys(arrays).find((name) => !Number.isFinite(sumOfSquares(arrays[name])));
}

function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

/** Collects the gradients of several batches that stand for one. */
export interface GradientAccumulator {
  /**
   * @param gradients taken over and changed in place
   * @returns the mean gradients with the last of `batches`, and begins anew; undefined before
   */
  add(gradients: NamedArrays): NamedArrays | undefined;
}

/** @param batches how many batches make one optimiser step */
export function createGradientAccumulator(batches: number): GradientAccumulator {
  let sums: NamedArrays | undefined;
  let added = 0;
  return {
    add: (gradients) => {
      // The reference divides the loss, and with it each gradient, before they are summed.
      if (batches > 1) divideInPlace(gradients, batches);
      if (sums) addInPlace(sums, gradients);
      else sums = gradients;
      added++;
      if (added < batches) return undefined;
      const means = sums;
      sums = undefined;
      added = 0;
      return means;
    },
  };
}

export interface DirectionalOptions {
  /** Step on the unit sphere, since the gradient is brought to length 1. The paper's setting for SDXL is 0.01. */
  readonly learningRate: number;
  /** Length that every row keeps: the mean length of the vocabulary's rows. */
  readonly norm: number;
  /** Concentration of the von Mises-Fisher prior; the paper's setting is 1e-4. */
  readonly kappa: number;
  /** Direction of the prior, e.g. the row of the class word [size]; its length does not matter. */
  readonly mean: Float32Array;
}

/**
 * Directional Textual Inversion (arXiv 2512.13672): steepest descent of the direction alone. With v = norm * u the
 * gradient in u is norm * dL/dv - kappa * mean; it is projected to the tangent at u, brought to length 1, and u is
 * brought back to the sphere after the step.
 *
 * @param rows     [count, size], changed in place
 * @param gradient as `rows`
 * @throws Error when a row is zero
 */
export function directionalStep(
  rows: Float32Array,
  gradient: Float32Array,
  options: DirectionalOptions,
  learningRateFactor = 1,
): void {
  const size = options.mean.length;
  const mean = normalized(options.mean);
  const rate = options.learningRate * learningRateFactor;
  for (let start = 0; start < rows.length; start += size) {
    const direction = normalized(rows.subarray(start, start + size));
    const downhill = Float64Array.from(
      mean,
      (value, i) => options.kappa * value - options.norm * gradient[start + i],
    );
    const tangent = projectToTangent(downhill, direction);
    const length = lengthOf(tangent);
    // No slope along the sphere: the row is where it should be.
    const reach = length > 0 ? rate / length : 0;
    const moved = normalized(direction.map((value, i) => value + reach * tangent[i]));
    for (let i = 0; i < size; i++) rows[start + i] = options.norm * moved[i];
  }
}

function projectToTangent(vector: Float64Array, direction: Float64Array): Float64Array {
  const along = vector.reduce((sum, value, i) => sum + value * direction[i], 0);
  return vector.map((value, i) => value - along * direction[i]);
}

function normalized(vector: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(vector);
  const length = lengthOf(values);
  if (length === 0) throw new Error('directional step: a vector of zeros has no direction');
  return values.map((value) => value / length);
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

function namedParameters(groups: readonly ParameterGroup[]): NamedArrays {
  const arrays: Record<string, Float32Array> = {};
  for (const [name, values] of groups.flatMap(({ parameters }) => Object.entries(parameters))) {
    if (arrays[name]) throw new Error(`internal: parameter '${name}' is in two groups`);
    arrays[name] = values;
  }
  return arrays;
}

function requireGradient(gradients: NamedArrays, name: string, values: Float32Array): Float32Array {
  const gradient = gradients[name];
  if (gradient?.length === values.length) return gradient;
  const found = gradient ? `${gradient.length} values` : 'none';
  throw new Error(
    `internal: '${name}' needs a gradient of ${values.length} values, found ${found}`,
  );
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

function divideInPlace(arrays: NamedArrays, divisor: number): void {
  for (const values of Object.values(arrays)) {
    for (let i = 0; i < values.length; i++) values[i] /= divisor;
  }
}

function addInPlace(sums: NamedArrays, arrays: NamedArrays): void {
  for (const [name, sum] of Object.entries(sums)) {
    const values = requireGradient(arrays, name, sum);
    for (let i = 0; i < sum.length; i++) sum[i] += values[i];
  }
}

function scaleInPlace(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
}
