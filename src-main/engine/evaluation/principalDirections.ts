/** Directions in which points spread most, of a covariance matrix, by orthogonal iteration in float64. */
export interface PrincipalDirections {
  /** Orthonormal, the widest first; the largest component of each is positive. */
  readonly directions: readonly Float64Array[];
  /** Variance along each. */
  readonly variances: readonly number[];
}

/** Iterations after which neighbouring variances are so alike that any direction between them is as good. */
const mostIterations = 500;
/** Change of a direction's components below which it stands. */
const tolerance = 1e-10;

/**
 * The first `count` eigenvectors of a symmetric, positive semidefinite matrix.
 *
 * @param matrix [size, size], row-major
 */
export function principalDirections(
  matrix: Float64Array,
  size: number,
  count: number,
): PrincipalDirections {
  let directions = orthonormal(Array.from({ length: count }, (_, index) => start(size, index)));
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const next = orthonormal(directions.map((direction) => multiply(matrix, direction)));
    const change = Math.max(
      ...next.map((direction, index) => distance(direction, directions[index])),
    );
    directions = next;
    if (change < tolerance) break;
  }
  const variances = directions.map((direction) => dot(direction, multiply(matrix, direction)));
  return { directions: directions.map(withPositiveSide), variances };
}

/** Any vectors that no matrix of ours is blind to: irrational steps around the circle. */
function start(size: number, index: number): Float64Array {
  return Float64Array.from({ length: size }, (_, place) =>
    Math.sin((place + 1) * (1 + index * 0.618) + index),
  );
}

/** Gram-Schmidt, twice, so that rounding leaves nothing; a vector without a rest becomes an axis that is free. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) done.push(unitBeside(done, vector));
  return done;
}

function unitBeside(others: readonly Float64Array[], vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  let rest = vector;
  for (let pass = 0; pass < 2; pass++) {
    for (const other of others) rest = subtract(rest, other, dot(rest, other));
  }
  const left = Math.sqrt(dot(rest, rest));
  if (left > 1e-12 * length && left > 0) return rest.map((value) => value / left);
  const axis = new Float64Array(vector.length);
  axis[others.length] = 1;
  return others.length >= vector.length ? axis : unitBeside(others, axis);
}

function withPositiveSide(direction: Float64Array): Float64Array {
  const largest = direction.reduce(
    (best, value) => (Math.abs(value) > Math.abs(best) ? value : best),
    0,
  );
  return largest < 0 ? direction.map((value) => -value) : direction;
}

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const product = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    let sum = 0;
    for (let column = 0; column < size; column++)
      sum += matrix[row * size + column] * vector[column];
    product[row] = sum;
  }
  return product;
}

function subtract(vector: Float64Array, other: Float64Array, times: number): Float64Array {
  return vector.map((value, index) => value - times * other[index]);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}

/** To the nearer of a direction and its opposite. */
function distance(a: Float64Array, b: Float64Array): number {
  const sign = dot(a, b) < 0 ? -1 : 1;
  return Math.max(...a.map((value, index) => Math.abs(value - sign * b[index])));
}
