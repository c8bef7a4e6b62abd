/** Sweeps over all pairs; ten are many. */
const mostSweeps = 30;
/** Of the largest entry: what is smaller beside the diagonal is rounding. */
const smallestEntry = 1e-13;

/**
 * Eigenvectors of a small symmetric matrix, that of the largest eigenvalue first, by cyclic Jacobi rotations (Golub and
 * Van Loan, Matrix Computations, section 8.5).
 *
 * @param matrix rows of equal length
 */
export function symmetricEigenvectors(matrix: readonly (readonly number[])[]): Float64Array[] {
  const size = matrix.length;
  const rows = matrix.map((row) => Float64Array.from(row));
  // as rows, so that a rotation turns two of them
  const vectors = rows.map((_, own) => Float64Array.from({ length: size }, (_, i) => +(i === own)));
  const largest = Math.max(...matrix.flat().map(Math.abs));
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let rotations = 0;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (Math.abs(rows[p][q]) <= smallestEntry * largest) continue;
        rotate(rows, vectors, p, q);
        rotations++;
      }
    }
    if (rotations === 0) break;
  }
  const order = rows.map((_, index) => index).sort((i, j) => rows[j][j] - rows[i][i]);
  return order.map((index) => vectors[index]);
}

/** Turns rows and columns p and q so that the entry of both becomes 0. */
function rotate(rows: Float64Array[], vectors: Float64Array[], p: number, q: number): void {
  const angle = Math.atan2(2 * rows[p][q], rows[p][p] - rows[q][q]) / 2;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  for (const row of rows) turn(row, p, row, q, cosine, sine);
  for (let place = 0; place < rows.length; place++) {
    turn(rows[p], place, rows[q], place, cosine, sine);
    turn(vectors[p], place, vectors[q], place, cosine, sine);
  }
}

/** Turns one number of each of two lists toward the other. */
function turn(
  upper: Float64Array,
  first: number,
  lower: Float64Array,
  second: number,
  cosine: number,
  sine: number,
): void {
  const one = upper[first];
  const other = lower[second];
  upper[first] = cosine * one + sine * other;
  lower[second] = cosine * other - sine * one;
}
