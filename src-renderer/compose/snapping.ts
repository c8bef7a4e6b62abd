import { type Handle, moved, type Point, type Rect, resized } from './boxGeometry.ts';

/** Boxes catch on lines: the picture's sides and middle, sides and middles of other boxes, and a grid behind them. */

/** A line on which a box caught: across the picture at `at` of the axis. */
export interface SnapLine {
  readonly axis: 'x' | 'y';
  readonly at: number;
}

export interface Snapped {
  readonly rect: Rect;
  /** Lines to show. The grid's are not among them: it is there all the time. */
  readonly lines: readonly SnapLine[];
}

export interface SnapField {
  readonly others: readonly Rect[];
  /** How near a line catches, as a share of the side. */
  readonly reach: number;
  /** Cells of the grid along a side. */
  readonly cells: number;
}

interface Catch {
  readonly shift: number;
  readonly at: number;
  readonly shown: boolean;
}

/** Catches a box that is moved: its left side, middle and right side, and the same from top to bottom. */
export function snapMove(rect: Rect, field: SnapField): Snapped {
  const [x0, y0, x1, y1] = rect;
  const x = nearestCatch([x0, (x0 + x1) / 2, x1], linesOf('x', field), field);
  const y = nearestCatch([y0, (y0 + y1) / 2, y1], linesOf('y', field), field);
  return { rect: moved(rect, x?.shift ?? 0, y?.shift ?? 0), lines: shownLines(x, y) };
}

/** Catches the sides that a handle moves. */
export function snapResize(rect: Rect, handle: Handle, field: SnapField): Snapped {
  const [x0, y0, x1, y1] = rect;
  const sideX = handle.includes('w') ? [x0] : handle.includes('e') ? [x1] : [];
  const sideY = handle.startsWith('n') ? [y0] : handle.startsWith('s') ? [y1] : [];
  const x = nearestCatch(sideX, linesOf('x', field), field);
  const y = nearestCatch(sideY, linesOf('y', field), field);
  const next = resized(rect, handle, x?.shift ?? 0, y?.shift ?? 0);
  return { rect: next, lines: shownLines(x, y) };
}

/** Catches a corner that is drawn: a point of no size. */
export function snapPoint(
  point: Point,
  field: SnapField,
): { readonly point: Point; readonly lines: readonly SnapLine[] } {
  const x = nearestCatch([point.x], linesOf('x', field), field);
  const y = nearestCatch([point.y], linesOf('y', field), field);
  const caught = { x: point.x + (x?.shift ?? 0), y: point.y + (y?.shift ?? 0) };
  return { point: caught, lines: shownLines(x, y) };
}

/** Sides before middles: of two lines equally near, the first one catches. */
function linesOf(axis: 'x' | 'y', { others }: SnapField): number[] {
  const [low, high] = axis === 'x' ? [0, 2] : [1, 3];
  const sides = others.flatMap((rect) => [rect[low], rect[high]]);
  const middles = others.map((rect) => (rect[low] + rect[high]) / 2);
  return [0, 1, ...sides, 0.5, ...middles];
}

/** A line that means something catches before the grid does, even where the grid is nearer. */
function nearestCatch(
  places: readonly number[],
  lines: readonly number[],
  { reach, cells }: SnapField,
): Catch | undefined {
  const meant = places.flatMap((place) =>
    lines.map((at) => ({ shift: at - place, at, shown: true })),
  );
  const onGrid = places.map((place) => {
    const at = Math.round(place * cells) / cells;
    return { shift: at - place, at, shown: false };
  });
  return nearest(meant, reach) ?? nearest(onGrid, Math.min(reach, 0.25 / cells));
}

function nearest(catches: readonly Catch[], reach: number): Catch | undefined {
  let best: Catch | undefined;
  for (const candidate of catches) {
    const distance = Math.abs(candidate.shift);
    if (distance > reach) continue;
    if (best === undefined || distance < Math.abs(best.shift) - 1e-9) best = candidate;
  }
  return best;
}

function shownLines(x: Catch | undefined, y: Catch | undefined): SnapLine[] {
  return [
    ...(x?.shown ? [{ axis: 'x' as const, at: x.at }] : []),
    ...(y?.shown ? [{ axis: 'y' as const, at: y.at }] : []),
  ];
}
