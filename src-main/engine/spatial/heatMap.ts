import { type Box, type HeatMap, parseBox } from '../../../src-shared/layout.ts';
import { disjointBoxes } from './boxes.ts';
import type { CellRange, MapSize } from './layoutMasks.ts';

/** Share of its mass that an object's box holds. */
const boxShare = 0.8;

/**
 * A map at another resolution: each cell takes the mass that lies on it, so that the sum stays. Finer cells share a
 * coarse one's mass evenly.
 *
 * @param values [height * width] of `from`
 */
export function resample(values: ArrayLike<number>, from: MapSize, to: MapSize): Float64Array {
  const result = new Float64Array(to.height * to.width);
  const rows = overlaps(from.height, to.height);
  const columns = overlaps(from.width, to.width);
  for (const row of rows) {
    for (const column of columns) {
      result[row.to * to.width + column.to] +=
        values[row.from * from.width + column.from] * row.share * column.share;
    }
  }
  return result;
}

/** Pairs of cells that overlap when a side is cut into `from` and into `to` cells, with the share of the first's length. */
function overlaps(from: number, to: number) {
  return Array.from({ length: from }, (_, index) => {
    const first = Math.floor((index * to) / from);
    const end = Math.ceil(((index + 1) * to) / from);
    return Array.from({ length: end - first }, (_, offset) => {
      const cell = first + offset;
      const low = Math.max(index / from, cell / to);
      const high = Math.min((index + 1) / from, (cell + 1) / to);
      return { from: index, to: cell, share: Math.max(high - low, 0) * from };
    });
  }).flat();
}

/** Shares of attention that sum to 1. Nothing anywhere becomes the same everywhere. */
export function toHeatMap(values: ArrayLike<number>, { height, width }: MapSize): HeatMap {
  const numbers = Array.from(values);
  const sum = numbers.reduce((total, value) => total + value, 0);
  const shares = numbers.map((value) => (sum > 0 ? value / sum : 1 / numbers.length));
  return { height, width, values: shares };
}

/** Share of the mass inside the boxes, 0 to 1; cells count by the part that is covered, overlaps once. */
export function massInside(map: HeatMap, boxes: readonly Box[]): number {
  return disjointBoxes(boxes).reduce((sum, box) => sum + massInBox(map, box), 0);
}

function massInBox({ height, width, values }: HeatMap, [x0, y0, x1, y1]: Box): number {
  return values.reduce((sum, value, cell) => {
    const column = covered(cell % width, x0 * width, x1 * width);
    const row = covered(Math.floor(cell / width), y0 * height, y1 * height);
    return sum + value * column * row;
  }, 0);
}

/** Part of the interval cell .. cell + 1 between two places. */
function covered(cell: number, start: number, end: number): number {
  return Math.max(Math.min(cell + 1, end) - Math.max(cell, start), 0);
}

/**
 * The smallest box of whole cells that holds a share of the mass; of equally small ones that with the most mass, then
 * the first. Exact: for every pair of rows the columns are searched with two pointers over a summed-area table, in
 * height^2 * width steps.
 */
export function smallestBox(map: HeatMap, share = boxShare): Box {
  const { height, width } = map;
  const table = summedArea(map);
  const row = width + 1;
  const mass = ({ x0, y0, x1, y1 }: CellRange) =>
    table[y1 * row + x1] - table[y0 * row + x1] - table[y1 * row + x0] + table[y0 * row + x0];
  // Sums of many shares may miss a share of 1 by rounding.
  const needed = share * mass({ x0: 0, y0: 0, x1: width, y1: height }) - 1e-12;
  let best: CellRange = { x0: 0, y0: 0, x1: width, y1: height };
  for (let y0 = 0; y0 < height; y0++) {
    for (let y1 = y0 + 1; y1 <= height; y1++) {
      for (const cells of shortestSpans(y0, y1, width, needed, mass)) {
        best = isBetter(cells, best, mass) ? cells : best;
      }
    }
  }
  return parseBox([best.x0 / width, best.y0 / height, best.x1 / width, best.y1 / height]);
}

/** For each last column, the shortest span of columns that holds enough, between two rows. */
function* shortestSpans(
  y0: number,
  y1: number,
  width: number,
  needed: number,
  mass: (cells: CellRange) => number,
): Iterable<CellRange> {
  let x0 = 0;
  for (let x1 = 1; x1 <= width; x1++) {
    if (mass({ x0, y0, x1, y1 }) < needed) continue;
    while (x0 + 1 < x1 && mass({ x0: x0 + 1, y0, x1, y1 }) >= needed) x0++;
    yield { x0, y0, x1, y1 };
  }
}

function isBetter(one: CellRange, other: CellRange, mass: (cells: CellRange) => number): boolean {
  const difference = areaOf(one) - areaOf(other);
  return difference < 0 || (difference === 0 && mass(one) > mass(other) + 1e-12);
}

function areaOf({ x0, y0, x1, y1 }: CellRange): number {
  return (x1 - x0) * (y1 - y0);
}

/** Mass above and left of every corner: [(height + 1) * (width + 1)]. */
function summedArea({ height, width, values }: HeatMap): Float64Array {
  const row = width + 1;
  const table = new Float64Array((height + 1) * row);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const corner = (y + 1) * row + x + 1;
      table[corner] =
        values[y * width + x] + table[corner - 1] + table[corner - row] - table[corner - row - 1];
    }
  }
  return table;
}
