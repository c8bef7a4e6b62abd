import { type Bounds, isWithin, type Point } from './mapView.ts';

/** How many points lie where, smoothed: `values[row * columns + column]`, 1 at the densest place. */
export type DensityField = {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float64Array;
  /** Of the cells' centres: the first and the last column and row. */
  readonly bounds: Bounds;
};

/**
 * Counts points on a grid and smooths the counts: three box blurs, which come close to a Gaussian.
 *
 * @param within points outside do not count
 * @param columns of the grid, and rows of it
 * @param radius of the blur, in cells; the field is wider than `within` by what it needs to end in zeros
 */
export function densityOf(
  points: readonly Point[],
  within: Bounds,
  columns = 144,
  radius = 3,
): DensityField {
  const bounds = widened(within, columns, 3 * radius + 1);
  const counts = new Float64Array(columns * columns);
  const across = (columns - 1) / (bounds.right - bounds.left);
  const down = (columns - 1) / (bounds.bottom - bounds.top);
  for (const point of points) {
    if (!isWithin(point, within)) continue;
    const column = Math.round((point.x - bounds.left) * across);
    const row = Math.round((point.y - bounds.top) * down);
    counts[row * columns + column]++;
  }
  let values: Float64Array<ArrayBuffer> = counts;
  for (let pass = 0; pass < 3; pass++) {
    values = blurred(blurred(values, columns, radius, 1, columns), columns, radius, columns, 1);
  }
  return { columns, rows: columns, values: normalised(values), bounds };
}

/** Bounds whose grid of `columns` has `margin` cells around the given ones. */
function widened({ left, top, right, bottom }: Bounds, columns: number, margin: number): Bounds {
  const share = (margin + 1) / (columns - 1 - 2 * (margin + 1));
  const x = Math.max((right - left) * share, 1e-6);
  const y = Math.max((bottom - top) * share, 1e-6);
  return { left: left - x, top: top - y, right: right + x, bottom: bottom + y };
}

/** Sliding sums along one direction: `step` leads to the next value of a line, `line` to the next line. */
function blurred(
  values: Float64Array,
  length: number,
  radius: number,
  step: number,
  line: number,
): Float64Array<ArrayBuffer> {
  const result = new Float64Array(values.length);
  for (let start = 0; start < length * line; start += line) {
    let sum = 0;
    for (let at = -radius; at < length; at++) {
      if (at + radius < length) sum += values[start + (at + radius) * step];
      if (at - radius > 0) sum -= values[start + (at - radius - 1) * step];
      if (at >= 0) result[start + at * step] = sum;
    }
  }
  return result;
}

function normalised(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most > 0 ? values.map((value) => value / most) : values;
}
