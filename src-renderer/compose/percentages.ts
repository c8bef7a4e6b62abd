import type { Rect } from './boxGeometry.ts';

/** A box as attributes of an SVG rectangle. */
export function percentages([x0, y0, x1, y1]: Rect) {
  return {
    x: `${x0 * 100}%`,
    y: `${y0 * 100}%`,
    width: `${(x1 - x0) * 100}%`,
    height: `${(y1 - y0) * 100}%`,
  };
}
