import { type Box, parseBox } from '../../../src-shared/layout.ts';

/** Area of a box as a share of the picture. */
export function boxArea([x0, y0, x1, y1]: Box): number {
  return (x1 - x0) * (y1 - y0);
}

/** The same area as boxes that do not overlap, so that nothing is counted twice. */
export function disjointBoxes(boxes: readonly Box[]): Box[] {
  const columns = intervals(boxes.flatMap(([x0, , x1]) => [x0, x1]));
  const rows = intervals(boxes.flatMap(([, y0, , y1]) => [y0, y1]));
  return rows.flatMap(([y0, y1]) =>
    columns
      .filter(([x0, x1]) => boxes.some((box) => covers(box, (x0 + x1) / 2, (y0 + y1) / 2)))
      .map(([x0, x1]) => parseBox([x0, y0, x1, y1])),
  );
}

function intervals(edges: readonly number[]): (readonly [number, number])[] {
  const sorted = [...new Set(edges)].sort((a, b) => a - b);
  return sorted.slice(1).map((edge, index) => [sorted[index], edge] as const);
}

function covers([x0, y0, x1, y1]: Box, x: number, y: number): boolean {
  return x0 < x && x < x1 && y0 < y && y < y1;
}

/** Side that a proposed box has at least, as a share of the picture's. */
const leastSide = 1 / 16;

/**
 * The box nearest to four numbers that may lie outside the picture or be reversed, such as a drawn or predicted
 * layout: ends in order, inside the picture, sides of 1/16 at least.
 */
export function nearestBox([x0, y0, x1, y1]: readonly number[]): Box {
  const [left, right] = nearestInterval(x0, x1);
  const [top, bottom] = nearestInterval(y0, y1);
  return parseBox([left, top, right, bottom]);
}

function nearestInterval(a: number, b: number): readonly [number, number] {
  const [low, high] = [a, b].map((end) => Math.min(Math.max(end, 0), 1)).sort((p, q) => p - q);
  if (high - low >= leastSide) return [low, high];
  const start = Math.min(Math.max((low + high - leastSide) / 2, 0), 1 - leastSide);
  return [start, start + leastSide];
}
