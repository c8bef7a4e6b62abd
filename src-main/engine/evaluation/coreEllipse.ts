import { mean } from '../numbers.ts';

/** An ellipse in the plane: centre, half axes, angle of the longer one in radians. */
export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly major: number;
  readonly minor: number;
  readonly angle: number;
}

type Point = readonly [x: number, y: number];

/** The ellipse of the points' own covariance, made as large as it takes to hold a share of them. */
export function ellipseHolding(points: readonly Point[], share: number): Ellipse {
  const [x, y] = [0, 1].map((axis) => mean(points.map((point) => point[axis])));
  const offsets = points.map(([px, py]): Point => [px - x, py - y]);
  const [xx, xy, yy] = [
    mean(offsets.map(([dx]) => dx * dx)),
    mean(offsets.map(([dx, dy]) => dx * dy)),
    mean(offsets.map(([, dy]) => dy * dy)),
  ];
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const middle = (xx + yy) / 2;
  const half = Math.hypot((xx - yy) / 2, xy);
  const deviations = [middle + half, Math.max(middle - half, 0)].map(Math.sqrt);
  const distances = offsets
    .map((offset) => distanceIn(offset, angle, deviations))
    .sort((a, b) => a - b);
  const reach = distances[Math.max(Math.ceil(share * distances.length) - 1, 0)];
  return { x, y, major: reach * deviations[0], minor: reach * deviations[1], angle };
}

/** How many deviations a point lies from the centre; a side without any spread does not count. */
function distanceIn([dx, dy]: Point, angle: number, [major, minor]: readonly number[]): number {
  const along = dx * Math.cos(angle) + dy * Math.sin(angle);
  const across = dy * Math.cos(angle) - dx * Math.sin(angle);
  return Math.hypot(major > 0 ? along / major : 0, minor > 0 ? across / minor : 0);
}
