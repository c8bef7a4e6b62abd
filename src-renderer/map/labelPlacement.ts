import type { Bounds, Size } from './mapView.ts';

/** A label that would like to stand beside its point. In CSS pixels of the window. */
export type LabelWish = Size & {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** Between the point and the text; enough for a small dot where absent. */
  readonly gap?: number;
};

/** A label that found its place: `left` and `top` of its box. */
export type PlacedLabel<Wish extends LabelWish> = {
  readonly wish: Wish;
  readonly left: number;
  readonly top: number;
};

const usualGap = 7;
const cell = 64;

/**
 * Finds places for labels beside their points, so that no two overlap. The first wishes are served first; a label that
 * finds no place is left out.
 *
 * @param taken what must stay free, such as the ends of the paths
 * @param limit labels at most
 */
export function placeLabels<Wish extends LabelWish>(
  wishes: readonly Wish[],
  window: Size,
  taken: readonly Bounds[] = [],
  limit = Number.POSITIVE_INFINITY,
): PlacedLabel<Wish>[] {
  const occupied = new OccupiedCells();
  for (const bounds of taken) occupied.add(bounds);
  const placed: PlacedLabel<Wish>[] = [];
  for (const wish of wishes) {
    if (placed.length >= limit) break;
    const free = placesFor(wish).find(
      (bounds) => liesInside(bounds, window) && !occupied.overlaps(bounds),
    );
    if (!free) continue;
    occupied.add(free);
    placed.push({ wish, left: free.left, top: free.top });
  }
  return placed;
}

/** Right of the point, left of it, above and below. */
function placesFor({ x, y, width, height, gap = usualGap }: LabelWish): Bounds[] {
  const corners = [
    [x + gap, y - height / 2],
    [x - gap - width, y - height / 2],
    [x - width / 2, y - 1.5 * height],
    [x - width / 2, y + height / 2],
  ] as const;
  return corners.map(([left, top]) => ({ left, top, right: left + width, bottom: top + height }));
}

function liesInside({ left, top, right, bottom }: Bounds, window: Size): boolean {
  return left >= 0 && top >= 0 && right <= window.width && bottom <= window.height;
}

/** Boxes by the cells of a coarse grid that they touch, so that each is compared with its neighbours alone. */
class OccupiedCells {
  readonly #cells = new Map<string, Bounds[]>();

  add(bounds: Bounds): void {
    for (const key of keysOf(bounds)) {
      const inCell = this.#cells.get(key);
      if (inCell) inCell.push(bounds);
      else this.#cells.set(key, [bounds]);
    }
  }

  overlaps(bounds: Bounds): boolean {
    return keysOf(bounds).some((key) =>
      this.#cells.get(key)?.some((other) => doOverlap(bounds, other)),
    );
  }
}

function keysOf({ left, top, right, bottom }: Bounds): string[] {
  const keys: string[] = [];
  for (let row = Math.floor(top / cell); row <= Math.floor(bottom / cell); row++) {
    for (let column = Math.floor(left / cell); column <= Math.floor(right / cell); column++) {
      keys.push(`${column},${row}`);
    }
  }
  return keys;
}

export function doOverlap(one: Bounds, other: Bounds): boolean {
  return (
    one.left < other.right &&
    other.left < one.right &&
    one.top < other.bottom &&
    other.top < one.bottom
  );
}
