/** Boxes of the layout editor: places in the picture as shares of its sides, 0 at the left or top, 1 at the right or
 * bottom. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Left, top, right, bottom. */
export type Rect = readonly [x0: number, y0: number, x1: number, y1: number];

/** Compass points: the corners and the middles of the sides. */
export const handles = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const;
export type Handle = (typeof handles)[number];

/** Boxes are at least so wide and high: what is smaller cannot be grabbed, and is less than a cell of attention. */
export const leastSide = 0.04;

/** The box between two corners, in any order, inside the picture. */
export function spanned(first: Point, second: Point): Rect {
  const [x0, x1] = ordered(clamp01(first.x), clamp01(second.x));
  const [y0, y1] = ordered(clamp01(first.y), clamp01(second.y));
  return [x0, y0, x1, y1];
}

export function isLargeEnough([x0, y0, x1, y1]: Rect): boolean {
  return x1 - x0 >= leastSide - 1e-9 && y1 - y0 >= leastSide - 1e-9;
}

/** Of the same size, and whole inside the picture. */
export function moved([x0, y0, x1, y1]: Rect, dx: number, dy: number): Rect {
  const right = clamp(dx, -x0, 1 - x1);
  const down = clamp(dy, -y0, 1 - y1);
  return [x0 + right, y0 + down, x1 + right, y1 + down];
}

/** Moves the sides that a handle holds; the others stay. A side stops before it meets its opposite. */
export function resized([x0, y0, x1, y1]: Rect, handle: Handle, dx: number, dy: number): Rect {
  return [
    handle.includes('w') ? clamp(x0 + dx, 0, x1 - leastSide) : x0,
    handle.startsWith('n') ? clamp(y0 + dy, 0, y1 - leastSide) : y0,
    handle.includes('e') ? clamp(x1 + dx, x0 + leastSide, 1) : x1,
    handle.startsWith('s') ? clamp(y1 + dy, y0 + leastSide, 1) : y1,
  ];
}

/** Where a handle stands on its box. */
export function handlePoint([x0, y0, x1, y1]: Rect, handle: Handle): Point {
  return {
    x: handle.includes('w') ? x0 : handle.includes('e') ? x1 : (x0 + x1) / 2,
    y: handle.startsWith('n') ? y0 : handle.startsWith('s') ? y1 : (y0 + y1) / 2,
  };
}

export function sameRect(first: Rect, second: Rect): boolean {
  return first.every((value, index) => Math.abs(value - second[index]) < 1e-9);
}

/** Without the noise of floating point, inside the picture: for what is sent and shown. */
export function tidy(rect: Rect): Rect {
  const [x0, y0, x1, y1] = rect.map((value) => clamp01(Math.round(value * 10_000) / 10_000));
  return [x0, y0, x1, y1];
}

/** "left 4 %, top 30 %, 46 % wide, 65 % high" */
export function describeRect([x0, y0, x1, y1]: Rect): string {
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  return `left ${percent(x0)}, top ${percent(y0)}, ${percent(x1 - x0)} wide, ${percent(y1 - y0)} high`;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function clamp01(value: number): number {
  return clamp(value, 0, 1);
}

function ordered(first: number, second: number): [number, number] {
  return first <= second ? [first, second] : [second, first];
}
