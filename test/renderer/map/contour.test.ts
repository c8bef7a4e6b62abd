import { describe, expect, test } from 'vitest';
import { contours, type Ring } from '../../../src-renderer/map/contour.ts';
import { type DensityField, densityOf } from '../../../src-renderer/map/density.ts';
import { seededRandom } from '../../support/seededRandom.ts';

/** Twice the area that a ring encloses; positive where what lies inside is on its right. */
function area(ring: Ring): number {
  return ring.reduce((sum, { x, y }, at) => {
    const next = ring[(at + 1) % ring.length];
    return sum + (x * next.y - next.x * y) / 2;
  }, 0);
}

/** One value per cell of a square grid whose places are whole numbers. */
function fieldOf(side: number, value: (column: number, row: number) => number): DensityField {
  const values = Float64Array.from({ length: side * side }, (_, at) =>
    value(at % side, Math.floor(at / side)),
  );
  const bounds = { left: 0, top: 0, right: side - 1, bottom: side - 1 };
  return { columns: side, rows: side, values, bounds };
}

const away = (column: number, row: number) => Math.hypot(column - 20, row - 20);

describe('contours', () => {
  test('go around a round hill in a circle', () => {
    const [ring, ...others] = contours(
      fieldOf(41, (x, y) => 1 - away(x, y) / 20),
      0.5,
    );
    expect(others).toEqual([]);
    for (const { x, y } of ring) expect(away(x, y)).toBeCloseTo(10, 1);
    expect(area(ring)).toBeCloseTo(Math.PI * 100, -1);
  });

  test('go around the crater the other way', () => {
    const crater = fieldOf(41, (x, y) => 1 - Math.abs(away(x, y) - 12) / 6);
    const areas = contours(crater, 0.5)
      .map(area)
      .sort((a, b) => a - b);
    expect(areas).toHaveLength(2);
    expect(areas[0]).toBeCloseTo(-Math.PI * 81, -1);
    expect(areas[1]).toBeCloseTo(Math.PI * 225, -1);
  });

  test('part two peaks that touch at a corner', () => {
    const peaks = fieldOf(4, (x, y) => ((x === 1 && y === 1) || (x === 2 && y === 2) ? 1 : 0));
    expect(contours(peaks, 0.5).map(area)).toEqual([0.5, 0.5]);
  });

  test('are none where nothing is as high', () => {
    expect(
      contours(
        fieldOf(5, () => 0),
        0.5,
      ),
    ).toEqual([]);
  });
});

describe('densityOf', () => {
  const random = seededRandom(11);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const cloud = Array.from({ length: 20_000 }, () => ({ x: 3 + normal(), y: -2 + normal() / 2 }));
  const within = { left: -1, top: -4, right: 7, bottom: 0 };
  const field = densityOf(cloud, within);

  test('is 1 at the middle of a cloud and 0 along the edge', () => {
    const peak = field.values.indexOf(1);
    const { left, right, top, bottom } = field.bounds;
    const x = left + ((right - left) * (peak % field.columns)) / (field.columns - 1);
    const y = top + ((bottom - top) * Math.floor(peak / field.columns)) / (field.rows - 1);
    expect(Math.abs(x - 3)).toBeLessThan(0.4);
    expect(Math.abs(y + 2)).toBeLessThan(0.2);
    const edge = Array.from({ length: field.columns }, (_, at) => [
      field.values[at],
      field.values[field.values.length - 1 - at],
      field.values[at * field.columns],
      field.values[(at + 1) * field.columns - 1],
    ]);
    expect(Math.max(...edge.flat())).toBe(0);
  });

  test('falls as a normal distribution does', () => {
    const half = contours(field, 0.5).map(area);
    const whole = half.reduce((sum, part) => sum + part, 0);
    // exp(-r^2 / 2) = 1/2 at r = 1.18 standard deviations; the blur widens it a little.
    expect(whole).toBeGreaterThan(Math.PI * 1.18 ** 2 * 0.5 * 0.9);
    expect(whole).toBeLessThan(Math.PI * 1.18 ** 2 * 0.5 * 1.4);
  });

  test('does not count what lies outside', () => {
    const far = densityOf([...cloud, { x: 1e6, y: 1e6 }], within);
    expect(far.values).toEqual(field.values);
  });
});
