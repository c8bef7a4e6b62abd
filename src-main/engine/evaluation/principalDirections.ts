import { dot } from '../numbers.ts';
import { symmetricEigenvectors } from './symmetricEigenvectors.ts';

/** Products with the matrix: more than it takes to tell directions apart whose variances differ by a hundredth. */
const mostProducts = 120;
/** What is left of a vector beside others, over its length, from which on it is rounding alone. */
const smallestRest = 1e-10;

/**
 * The directions in which points spread most, in float64: the first `count` eigenvectors of their covariance (a
 * symmetric, positive semidefinite matrix), orthonormal, the widest first, the largest component of each positive. By
 * Lanczos' method with whole orthogonalisation (Golub and Van Loan, Matrix Computations, chapter 10); of at most 120
 * rows it is exact.
 *
 * @param matrix [size, size], row-major
 */
export function principalDirections(
  matrix: Float64Array,
  size: number,
  count: number,
): Float64Array[] {
  const basis: Float64Array[] = [];
  const products: Float64Array[] = [];
  let next = start(size);
  while (basis.length < Math.min(mostProducts, size)) {
    basis.push(unitBeside(basis, next));
    next = multiply(matrix, basis[basis.length - 1]);
    products.push(next);
  }
  const inner = basis.map((vector) => products.map((product) => dot(vector, product)));
  return symmetricEigenvectors(inner)
    .slice(0, count)
    .map((weights) => withPositiveSide(combine(basis, weights)));
}

/** A vector that no matrix of ours is blind to: irrational steps around the circle. */
function start(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, place) => Math.sin((place + 1) * 0.618) + 1.1);
}

/** What a vector has beside orthonormal ones, of length 1; where that is nothing, what an axis has. */
function unitBeside(others: readonly Float64Array[], vector: Float64Array): Float64Array {
  const found = restBeside(others, vector);
  for (let place = 0; !found && place < vector.length; place++) {
    const axis = new Float64Array(vector.length);
    axis[place] = 1;
    const rest = restBeside(others, axis);
    if (rest) return rest;
  }
  return found ?? vector;
}

/** By Gram and Schmidt, twice, so that rounding leaves nothing. */
function restBeside(
  others: readonly Float64Array[],
  vector: Float64Array,
): Float64Array | undefined {
  let rest = vector;
  for (let pass = 0; pass < 2; pass++) {
    for (const other of others) rest = subtract(rest, other, dot(rest, other));
  }
  const left = Math.sqrt(dot(rest, rest));
  const isRounding = left <= smallestRest * Math.sqrt(dot(vector, vector));
  return isRounding ? undefined : rest.map((value) => value / left);
}

function combine(vectors: readonly Float64Array[], weights: Float64Array): Float64Array {
  return vectors[0].map((_, place) =>
    weights.reduce((sum, weight, index) => sum + weight * vectors[index][place], 0),
  );
}

function withPositiveSide(direction: Float64Array): Float64Array {
  const largest = direction.reduce(
    (best, value) => (Math.abs(value) > Math.abs(best) ? value : best),
    0,
  );
  return largest < 0 ? direction.map((value) => -value) : direction;
}

/** Product of a square matrix [size, size], row-major, with a vector. */
export function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  return vector.map((_, row) => dot(matrix.subarray(row * size, (row + 1) * size), vector));
}

function subtract(vector: Float64Array, other: Float64Array, times: number): Float64Array {
  return vector.map((value, index) => value - times * other[index]);
}
