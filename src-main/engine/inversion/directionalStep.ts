import { dot, squaredNorm } from '../numbers.ts';

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
    const length = Math.sqrt(squaredNorm(tangent));
    // No slope along the sphere: the row is where it should be.
    const reach = length > 0 ? rate / length : 0;
    const moved = normalized(direction.map((value, i) => value + reach * tangent[i]));
    for (let i = 0; i < size; i++) rows[start + i] = options.norm * moved[i];
  }
}

function projectToTangent(vector: Float64Array, direction: Float64Array): Float64Array {
  const along = dot(vector, direction);
  return vector.map((value, i) => value - along * direction[i]);
}

function normalized(vector: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(vector);
  const length = Math.sqrt(squaredNorm(values));
  if (length === 0) throw new Error('directional step: a vector of zeros has no direction');
  return values.map((value) => value / length);
}
