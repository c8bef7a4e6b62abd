/** How the map lies in its window: a point of the map times `scale`, plus the offset, is a place in CSS pixels. */
export type MapView = { readonly scale: number; readonly left: number; readonly top: number };

export type Point = { readonly x: number; readonly y: number };
export type Size = { readonly width: number; readonly height: number };

/** Left, top, right and bottom; of the map or of the window. */
export type Bounds = {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
};

/** An ellipse: centre, half axes, and the angle of the longer one in radians. */
export type Ellipse = Point & {
  readonly major: number;
  readonly minor: number;
  readonly angle: number;
};

export function toWindow(view: MapView, { x, y }: Point): Point {
  return { x: x * view.scale + view.left, y: y * view.scale + view.top };
}

export function toMap(view: MapView, { x, y }: Point): Point {
  return { x: (x - view.left) / view.scale, y: (y - view.top) / view.scale };
}

export function pannedBy(view: MapView, x: number, y: number): MapView {
  return { ...view, left: view.left + x, top: view.top + y };
}

/**
 * The map nearer by `factor`, with the same point under `place`.
 *
 * @param place in the window
 * @param limits the smallest and the largest scale
 */
export function zoomedAt(
  view: MapView,
  factor: number,
  place: Point,
  limits: readonly [number, number],
): MapView {
  const scale = Math.min(limits[1], Math.max(limits[0], view.scale * factor));
  const fixed = toMap(view, place);
  return { scale, left: place.x - fixed.x * scale, top: place.y - fixed.y * scale };
}

/** The view that shows all of `bounds` in the middle of a window, with `margin` pixels around. */
export function viewOf(bounds: Bounds, window: Size, margin: number): MapView {
  const width = Math.max(bounds.right - bounds.left, 1e-9);
  const height = Math.max(bounds.bottom - bounds.top, 1e-9);
  const scale = Math.min(
    Math.max(1, window.width - 2 * margin) / width,
    Math.max(1, window.height - 2 * margin) / height,
  );
  return centredOn(
    { x: (bounds.left + bounds.right) / 2, y: (bounds.top + bounds.bottom) / 2 },
    scale,
    window,
  );
}

/** The view of that scale with a point of the map in the middle of the window. */
export function centredOn({ x, y }: Point, scale: number, window: Size): MapView {
  return { scale, left: window.width / 2 - x * scale, top: window.height / 2 - y * scale };
}

/** What of the map the window shows, and `margin` pixels more. */
export function shownBounds(view: MapView, window: Size, margin = 0): Bounds {
  const { x: left, y: top } = toMap(view, { x: -margin, y: -margin });
  const end = toMap(view, { x: window.width + margin, y: window.height + margin });
  return { left, top, right: end.x, bottom: end.y };
}

export function isWithin({ x, y }: Point, bounds: Bounds): boolean {
  return x >= bounds.left && x <= bounds.right && y >= bounds.top && y <= bounds.bottom;
}

export function boundsOf(points: readonly Point[]): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { left, top, right, bottom };
}

export function boundsOfEllipse({ x, y, major, minor, angle }: Ellipse): Bounds {
  const halfWidth = Math.hypot(major * Math.cos(angle), minor * Math.sin(angle));
  const halfHeight = Math.hypot(major * Math.sin(angle), minor * Math.cos(angle));
  return { left: x - halfWidth, top: y - halfHeight, right: x + halfWidth, bottom: y + halfHeight };
}

export function union(one: Bounds, other: Bounds): Bounds {
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

/** How far out a point lies: 0 at the centre of the ellipse, 1 on its edge, 2 twice as far. */
export function reach(ellipse: Ellipse, point: Point): number {
  const [x, y] = [point.x - ellipse.x, point.y - ellipse.y];
  const along = x * Math.cos(ellipse.angle) + y * Math.sin(ellipse.angle);
  const across = y * Math.cos(ellipse.angle) - x * Math.sin(ellipse.angle);
  return Math.hypot(along / ellipse.major, across / ellipse.minor);
}
