import { type Bounds, boundsOf, type Point } from './mapView.ts';

/** Points in the cells of a grid: finds the nearest of 50,000 without looking at each. */
export class PointIndex {
  readonly #points: readonly Point[];
  readonly #bounds: Bounds;
  readonly #side: number;
  readonly #cells = new Map<number, number[]>();
  readonly #columns: number;

  constructor(points: readonly Point[]) {
    this.#points = points;
    this.#bounds = boundsOf(points);
    const width = Math.max(this.#bounds.right - this.#bounds.left, 1e-9);
    const height = Math.max(this.#bounds.bottom - this.#bounds.top, 1e-9);
    // About two points a cell, were they spread evenly.
    this.#side = Math.sqrt((width * height * 2) / Math.max(1, points.length));
    this.#columns = Math.ceil(width / this.#side) + 1;
    for (const [index, point] of points.entries()) this.#put(point, index);
  }

  #put(point: Point, index: number): void {
    const key = this.#row(point.y) * this.#columns + this.#column(point.x);
    const inCell = this.#cells.get(key);
    if (inCell) inCell.push(index);
    else this.#cells.set(key, [index]);
  }

  #column(x: number): number {
    return Math.floor((x - this.#bounds.left) / this.#side);
  }

  #row(y: number): number {
    return Math.floor((y - this.#bounds.top) / this.#side);
  }

  /** Indices of the points in `bounds`, in ascending order. */
  within(bounds: Bounds): number[] {
    const found: number[] = [];
    for (const index of this.#around(bounds)) {
      const { x, y } = this.#points[index];
      const inside = x >= bounds.left && x <= bounds.right && y >= bounds.top && y <= bounds.bottom;
      if (inside) found.push(index);
    }
    return found.sort((a, b) => a - b);
  }

  /** Index of the point nearest to `place`, at most `radius` away. */
  nearest({ x, y }: Point, radius: number): number | undefined {
    const bounds = { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
    let [best, distance]: [number | undefined, number] = [undefined, radius];
    for (const index of this.#around(bounds)) {
      const point = this.#points[index];
      const away = Math.hypot(point.x - x, point.y - y);
      if (away <= distance) [best, distance] = [index, away];
    }
    return best;
  }

  *#around(wanted: Bounds): Generator<number> {
    const rows = [
      Math.max(wanted.top, this.#bounds.top),
      Math.min(wanted.bottom, this.#bounds.bottom),
    ];
    const columns = [
      Math.max(wanted.left, this.#bounds.left),
      Math.min(wanted.right, this.#bounds.right),
    ];
    for (let row = this.#row(rows[0]); row <= this.#row(rows[1]); row++) {
      for (let column = this.#column(columns[0]); column <= this.#column(columns[1]); column++) {
        yield* this.#cells.get(row * this.#columns + column) ?? [];
      }
    }
  }
}
