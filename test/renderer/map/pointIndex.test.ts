import { expect, test } from 'vitest';
import { isWithin, type Point } from '../../../src-renderer/map/mapView.ts';
import { PointIndex } from '../../../src-renderer/map/pointIndex.ts';
import { seededRandom } from '../../support/seededRandom.ts';

const random = seededRandom(3);
const points: Point[] = Array.from({ length: 3000 }, () => ({
  x: random() ** 3 * 10 - 5,
  y: random() * 4 + 100,
}));
const index = new PointIndex(points);

/** As the index should, by looking at each. */
function nearestByHand({ x, y }: Point, radius: number): number | undefined {
  const away = points.map((point) => Math.hypot(point.x - x, point.y - y));
  const least = Math.min(...away);
  return least <= radius ? away.indexOf(least) : undefined;
}

test('finds the nearest point that a search through all finds', () => {
  for (let trial = 0; trial < 300; trial++) {
    const place = { x: random() * 14 - 7, y: random() * 6 + 99 };
    expect(index.nearest(place, 0.4)).toBe(nearestByHand(place, 0.4));
  }
});

test('finds nothing far from everything', () => {
  expect(index.nearest({ x: 1000, y: -1000 }, 5)).toBeUndefined();
});

test('lists what lies in a rectangle', () => {
  const bounds = { left: -2, top: 101, right: 0, bottom: 102.5 };
  const expected = points.flatMap((point, at) => (isWithin(point, bounds) ? [at] : []));
  expect(expected.length).toBeGreaterThan(50);
  expect(index.within(bounds)).toEqual(expected);
});

test.each([1, 2])('holds %i points in one place', (count) => {
  const crowded = new PointIndex(Array.from({ length: count }, () => ({ x: 4, y: 4 })));
  expect(crowded.nearest({ x: 4.1, y: 4 }, 0.2)).toBe(count - 1);
});

test('holds no point at all', () => {
  expect(new PointIndex([]).nearest({ x: 0, y: 0 }, 1)).toBeUndefined();
});
