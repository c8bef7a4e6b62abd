/** Numbers by the name of the parameter that they belong to. */
export type NamedArrays = Readonly<Record<string, Float32Array>>;

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

/** @throws Error where there is none, or one of another length */
export function requireGradient(
  gradients: NamedArrays,
  name: string,
  values: Float32Array,
): Float32Array {
  const gradient = gradients[name];
  if (gradient?.length === values.length) return gradient;
  const found = gradient ? `${gradient.length} values` : 'none';
  throw new Error(
    `internal: '${name}' needs a gradient of ${values.length} values, found ${found}`,
  );
}

function scaleInPlace(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
}
