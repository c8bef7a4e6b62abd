import type { DensityField } from './density.ts';
import type { Point } from './mapView.ts';

/** A closed line; its last point is not its first. */
export type Ring = readonly Point[];

type Segment = {
  readonly from: Point;
  readonly to: Point;
  readonly start: string;
  readonly end: string;
};

/**
 * Lines along which a field has the value `level`, by marching squares, with what is higher on their right. The field
 * must be below `level` along its edge.
 */
export function contours(field: DensityField, level: number): Ring[] {
  const byStart = new Map<string, Segment>();
  for (let row = 0; row + 1 < field.rows; row++) {
    for (let column = 0; column + 1 < field.columns; column++) {
      for (const segment of segmentsOf(field, level, column, row)) {
        byStart.set(segment.start, segment);
      }
    }
  }
  return joined(byStart);
}

/** By which of a cell's corners are high (1 top left, 2 top right, 4 bottom right, 8 bottom left): the sides that lines
 * enter and leave by (0 top, 1 right, 2 bottom, 3 left), with the high corners on the right. */
const crossings: readonly (readonly (readonly [number, number])[])[] = [
  [],
  [[0, 3]],
  [[1, 0]],
  [[1, 3]],
  [[2, 1]],
  [
    [0, 3],
    [2, 1],
  ],
  [[2, 0]],
  [[2, 3]],
  [[3, 2]],
  [[0, 2]],
  [
    [1, 0],
    [3, 2],
  ],
  [[1, 2]],
  [[3, 1]],
  [[0, 1]],
  [[3, 0]],
  [],
];

function segmentsOf(field: DensityField, level: number, column: number, row: number): Segment[] {
  const at = row * field.columns + column;
  const corners = [at, at + 1, at + field.columns + 1, at + field.columns].map(
    (index) => field.values[index],
  );
  const pattern = corners.reduce((sum, value, bit) => sum + (value >= level ? 1 << bit : 0), 0);
  const sides = crossings[pattern];
  return sides.map(([enter, leave]) => {
    const [from, start] = crossing(field, corners, level, column, row, enter);
    const [to, end] = crossing(field, corners, level, column, row, leave);
    return { from, to, start, end };
  });
}

/** Where the level crosses a side of a cell, and a name for that side that the neighbouring cell gives it as well. */
function crossing(
  field: DensityField,
  [topLeft, topRight, bottomRight, bottomLeft]: readonly number[],
  level: number,
  column: number,
  row: number,
  side: number,
): [Point, string] {
  const share = (from: number, to: number) => (level - from) / (to - from);
  if (side === 0)
    return [place(field, column + share(topLeft, topRight), row), `h${column},${row}`];
  if (side === 2)
    return [
      place(field, column + share(bottomLeft, bottomRight), row + 1),
      `h${column},${row + 1}`,
    ];
  if (side === 3)
    return [place(field, column, row + share(topLeft, bottomLeft)), `v${column},${row}`];
  return [place(field, column + 1, row + share(topRight, bottomRight)), `v${column + 1},${row}`];
}

function place({ bounds, columns, rows }: DensityField, column: number, row: number): Point {
  return {
    x: bounds.left + ((bounds.right - bounds.left) * column) / (columns - 1),
    y: bounds.top + ((bounds.bottom - bounds.top) * row) / (rows - 1),
  };
}

/** Every line of the field is closed, so each segment is followed by one that starts where it ends. */
function joined(byStart: Map<string, Segment>): Ring[] {
  const rings: Ring[] = [];
  for (const first of byStart.values()) {
    const ring: Point[] = [];
    for (let next: Segment | undefined = first; next; next = byStart.get(next.end)) {
      byStart.delete(next.start);
      ring.push(next.from);
    }
    rings.push(ring);
  }
  return rings;
}
