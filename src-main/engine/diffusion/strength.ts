import { dot, squaredNorm } from '../numbers.ts';

/**
 * How much of a concept a prompt gets (after TEA, arXiv 2506.22685): its rows move toward the row of its class
 * word, the length first, then the direction on the great circle between the two.
 */

/**
 * Rows of a concept at a strength.
 *
 * @param rows [vectors, size] as trained
 * @param classRow [size] of the class word
 * @param strength 1: the very rows; 0: the class word in place of each; above 1: beyond what was trained
 */
export function rowsAtStrength(
  rows: Float32Array,
  classRow: Float32Array,
  strength: number,
): Float32Array {
  if (strength === 1) return rows;
  const size = classRow.length;
  const moved = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += size) {
    moved.set(interpolateRow(classRow, rows.subarray(start, start + size), strength), start);
  }
  return moved;
}

/** Below this angle, in radians, the arc is as good as its chord, and its sine no divisor. */
const smallestAngle = 1e-4;

function interpolateRow(from: Float32Array, to: Float32Array, share: number): Float32Array {
  if (share === 0) return from;
  const [fromLength, toLength] = [from, to].map((row) => Math.sqrt(squaredNorm(row)));
  const length = Math.max((1 - share) * fromLength + share * toLength, 0);
  // a row of zeros has no direction to turn to
  if (fromLength === 0) return to.map((value) => share * value);
  if (toLength === 0) return from.map((value) => Math.max(1 - share, 0) * value);
  const cosine = dot(to, from) / (fromLength * toLength);
  const angle = Math.acos(Math.min(Math.max(cosine, -1), 1));
  const [fromShare, toShare] = arcShares(angle, share);
  return to.map(
    (value, index) =>
      length * ((toShare * value) / toLength + (fromShare * from[index]) / fromLength),
  );
}

/** Weights of two unit vectors whose sum is the point at `share` of the arc between them. */
function arcShares(angle: number, share: number): [from: number, to: number] {
  const sine = Math.sin(angle);
  if (angle < smallestAngle || sine < smallestAngle) return [1 - share, share];
  return [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine];
}
