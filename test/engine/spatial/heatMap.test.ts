import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { disjointBoxes, nearestBox } from '../../../src-main/engine/spatial/boxes.ts';
import {
  massInside,
  resample,
  smallestBox,
  toHeatMap,
} from '../../../src-main/engine/spatial/heatMap.ts';
import { parseBox } from '../../../src-shared/layout.ts';

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

/** Every box of whole cells, tried one by one. */
function smallestArea(map: ReturnType<typeof toHeatMap>, share: number): number {
  const { height, width } = map;
  let best = Number.POSITIVE_INFINITY;
  for (let x0 = 0; x0 < width; x0++)
    for (let x1 = x0 + 1; x1 <= width; x1++)
      for (let y0 = 0; y0 < height; y0++)
        for (let y1 = y0 + 1; y1 <= height; y1++) {
          const inside = map.values.filter((_, cell) => {
            const [x, y] = [cell % width, Math.floor(cell / width)];
            return x >= x0 && x < x1 && y >= y0 && y < y1;
          });
          if (sum(inside) >= share - 1e-12) best = Math.min(best, (x1 - x0) * (y1 - y0));
        }
  return best;
}

describe('the smallest box', () => {
  test.each([1, 2, 3, 4, 5, 6])('is as small as any, seed %i', (seed) => {
    const random = RandomStream.create(seed, 'heat map');
    const size = { height: 3 + random.integer(5), width: 3 + random.integer(6) };
    // a few peaks over nothing, and zeros
    const values = Array.from(random.normal(size.height * size.width), (value) =>
      Math.max(Math.exp(2 * value) - 0.5, 0),
    );
    const map = toHeatMap(values, size);
    for (const share of [0.3, 0.8, 1]) {
      const box = smallestBox(map, share);
      const area = (box[2] - box[0]) * (box[3] - box[1]) * size.height * size.width;
      expect(massInside(map, [box])).toBeGreaterThanOrEqual(share - 1e-9);
      expect(area, `seed ${seed}, share ${share}`).toBeCloseTo(smallestArea(map, share), 9);
    }
  });

  test('holds one bright cell', () => {
    const values = new Array(24).fill(0).with(8, 1);
    expect(smallestBox(toHeatMap(values, { height: 4, width: 6 }))).toEqual([
      2 / 6,
      1 / 4,
      3 / 6,
      2 / 4,
    ]);
  });

  test('is the one with the most mass among equally small ones', () => {
    const map = toHeatMap([0.45, 0.4, 0, 0.1, 0.05, 0], { height: 1, width: 6 });
    expect(smallestBox(map)[0]).toBe(0);
    expect(smallestBox(toHeatMap([1, 4, 5], { height: 1, width: 3 }))).toEqual([1 / 3, 0, 1, 1]);
  });
});

describe('resampling', () => {
  test.each([
    [
      { height: 4, width: 6 },
      { height: 8, width: 12 },
    ],
    [
      { height: 8, width: 12 },
      { height: 2, width: 3 },
    ],
    [
      { height: 5, width: 7 },
      { height: 3, width: 4 },
    ],
    [
      { height: 1, width: 2 },
      { height: 16, width: 9 },
    ],
  ])('%j to %j keeps the mass and its centre', (from, to) => {
    const values = RandomStream.create(3, 'values')
      .normal(from.height * from.width)
      .map(Math.abs);
    const result = resample(values, from, to);
    expect(sum(result)).toBeCloseTo(sum(values), 5);
    const half = (map: Iterable<number>, { height, width }: typeof from) =>
      massInside(toHeatMap([...map], { height, width }), [parseBox([0, 0, 0.5, 1])]);
    // exact where the edges of the cells fall together
    if (to.width % from.width === 0) expect(half(result, to)).toBeCloseTo(half(values, from), 6);
  });

  test('spreads a cell evenly and gathers cells', () => {
    const size = { height: 1, width: 2 };
    expect([...resample([4, 8], size, { height: 2, width: 4 })]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
    expect([...resample([1, 2, 3], { height: 1, width: 3 }, size)]).toEqual([2, 4]);
  });
});

describe('heat maps', () => {
  test('are shares, also of nothing', () => {
    expect(toHeatMap([1, 3], { height: 1, width: 2 }).values).toEqual([0.25, 0.75]);
    expect(toHeatMap([0, 0], { height: 1, width: 2 }).values).toEqual([0.5, 0.5]);
  });

  test('count cells by the covered part and overlapping boxes once', () => {
    const map = toHeatMap([1, 1, 1, 1], { height: 2, width: 2 });
    expect(massInside(map, [parseBox([0, 0, 0.25, 0.5])])).toBeCloseTo(0.125, 12);
    const boxes = [parseBox([0, 0, 0.6, 1]), parseBox([0.4, 0, 1, 0.5])];
    expect(massInside(map, boxes)).toBeCloseTo(0.6 + 0.2, 12);
    expect(disjointBoxes(boxes)).toHaveLength(5);
  });
});

describe('boxes', () => {
  test('are made of any four numbers', () => {
    expect(nearestBox([0.2, 0.3, 0.6, 0.7])).toEqual([0.2, 0.3, 0.6, 0.7]);
    expect(nearestBox([0.6, -1, 0.2, 2])).toEqual([0.2, 0, 0.6, 1]);
    expect(nearestBox([1.5, 0.5, 2, 0.5])).toEqual([0.9375, 0.46875, 1, 0.53125]);
    expect(nearestBox([-3, -2, -2, 0])).toEqual([0, 0, 0.0625, 0.0625]);
  });
});
