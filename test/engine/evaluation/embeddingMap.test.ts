import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { readVocabularyRows } from '../../../src-main/engine/diffusion/vocabulary.ts';
import { ellipseHolding } from '../../../src-main/engine/evaluation/coreEllipse.ts';
import { mapEmbeddings } from '../../../src-main/engine/evaluation/embeddingMap.ts';
import { principalDirections } from '../../../src-main/engine/evaluation/principalDirections.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

const model = openTinyModel('tiny-sd1');
const size = model.configs.textEncoder.hiddenSize;
const ids = model.tokenizer.wholeWords().slice(0, 400);

/** Everything once more, in float64 and the plainest way: Jacobi rotations for the eigenvectors. */
function straightforward(words: Float64Array[], ways: Float64Array[]) {
  const mean = words[0].map((_, i) => words.reduce((sum, word) => sum + word[i], 0) / words.length);
  const offsets = (rows: Float64Array[]) =>
    rows.map((row) => row.map((value, i) => value - mean[i]));
  const covariance = second(offsets(words), words.length);
  const spread = scaled(covariance, 1 / trace(covariance));
  if (ways.length > 0) {
    const own = second(offsets(ways), 1);
    for (const [i, row] of scaled(own, 1 / trace(own)).entries())
      for (const [j, value] of row.entries()) spread[i][j] += value;
  }
  const directions = jacobi(spread).slice(0, 2);
  const place = (row: Float64Array) =>
    directions.map((direction) =>
      direction.reduce((sum, value, i) => sum + value * (row[i] - mean[i]), 0),
    );
  const along = directions.map((d) =>
    d.reduce((sum, x, i) => sum + x * d.reduce((s, y, j) => s + y * covariance[i][j], 0), 0),
  );
  return { place, explained: (along[0] + along[1]) / trace(covariance) };
}

function second(rows: Float64Array[], count: number): number[][] {
  return Array.from(rows[0], (_, i) =>
    Array.from(rows[0], (_, j) => rows.reduce((sum, row) => sum + row[i] * row[j], 0) / count),
  );
}

const trace = (matrix: number[][]) => matrix.reduce((sum, row, i) => sum + row[i], 0);
const scaled = (matrix: number[][], by: number) =>
  matrix.map((row) => row.map((value) => value * by));

/** Eigenvectors, the largest eigenvalue first, by cyclic Jacobi rotations. */
function jacobi(symmetric: number[][]): number[][] {
  const n = symmetric.length;
  const a = symmetric.map((row) => [...row]);
  const v = a.map((_, i): number[] => a.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const theta = Math.atan2(2 * a[p][q], a[p][p] - a[q][q]) / 2;
        const [c, s] = [Math.cos(theta), Math.sin(theta)];
        for (const row of a) [row[p], row[q]] = [c * row[p] + s * row[q], c * row[q] - s * row[p]];
        for (let j = 0; j < n; j++)
          [a[p][j], a[q][j]] = [c * a[p][j] + s * a[q][j], c * a[q][j] - s * a[p][j]];
        for (const row of v) [row[p], row[q]] = [c * row[p] + s * row[q], c * row[q] - s * row[p]];
      }
  const order = a.map((_, i) => i).sort((i, j) => a[j][j] - a[i][i]);
  return order.map((i) => v.map((row) => row[i]));
}

const rowsOf = async (count: number) => {
  const values = await readVocabularyRows(model, ids.slice(0, count));
  return Array.from({ length: count }, (_, i) =>
    Float64Array.from(values.subarray(i * size, (i + 1) * size)),
  );
};

const spread = (points: readonly { x: number }[]) =>
  Math.sqrt(points.reduce((sum, { x }) => sum + x * x, 0) / points.length);

test.each([
  ['words alone', 0],
  ['words and the way of a concept of two vectors', 3],
])('the map is what plain float64 gives: %s', async (_, steps) => {
  const random = RandomStream.create(1, 'map');
  const points = Array.from({ length: steps }, (_, step) => ({
    step,
    rows: random.normal(2 * size).map((value) => value * step * 0.05),
  }));
  const map = await mapEmbeddings(model, { ids, paths: steps > 0 ? [points] : [], neighbours: 3 });
  const words = await rowsOf(ids.length);
  const ways = points.map(({ rows }) =>
    Float64Array.from({ length: size }, (_, i) => (rows[i] + rows[size + i]) / 2),
  );
  const expected = straightforward(words, ways);
  expect(map.explained).toBeCloseTo(expected.explained, 4);
  const scale = spread(map.points);
  const signs = [0, 1].map((axis) => {
    const far = words.reduce((best, word) =>
      Math.abs(expected.place(word)[axis]) > Math.abs(expected.place(best)[axis]) ? word : best,
    );
    const own = map.points[words.indexOf(far)];
    return Math.sign((axis === 0 ? own.x : own.y) * expected.place(far)[axis]);
  });
  const compare = (own: { x: number; y: number }, row: Float64Array) => {
    const [x, y] = expected.place(row);
    expect(Math.abs(own.x - signs[0] * x) / scale).toBeLessThan(2e-3);
    expect(Math.abs(own.y - signs[1] * y) / scale).toBeLessThan(2e-3);
  };
  for (const [index, word] of words.entries()) compare(map.points[index], word);
  for (const [index, way] of ways.entries()) compare(map.paths[0].points[index], way);
  const inside = map.points.filter((point) => isInside(point, map.core)).length;
  expect(inside).toBe(Math.ceil(0.95 * ids.length));
});

test('the nearest words of a word are itself first', async () => {
  const rows = await readVocabularyRows(model, [ids[5]]);
  const { paths } = await mapEmbeddings(model, {
    ids,
    paths: [[{ step: 4, rows }]],
    neighbours: 4,
  });
  expect(paths[0].nearest[0].id).toBe(ids[5]);
  expect(paths[0].nearest[0].cosine).toBeCloseTo(1, 5);
  expect(paths[0].nearest.length).toBe(4);
  expect(paths[0].points[0].step).toBe(4);
});

interface Core {
  readonly x: number;
  readonly y: number;
  readonly major: number;
  readonly minor: number;
  readonly angle: number;
}

function isInside({ x, y }: { x: number; y: number }, core: Core): boolean {
  const [dx, dy] = [x - core.x, y - core.y];
  const along = dx * Math.cos(core.angle) + dy * Math.sin(core.angle);
  const across = dy * Math.cos(core.angle) - dx * Math.sin(core.angle);
  return Math.hypot(along / core.major, across / core.minor) <= 1 + 1e-9;
}

describe('the ellipse', () => {
  test('of points along a slope leans as they do', () => {
    const points = Array.from({ length: 200 }, (_, i) => {
      const [along, across] = [Math.sin(i), 0.2 * Math.cos(1.7 * i)];
      return [
        3 + along * Math.cos(0.5) - across * Math.sin(0.5),
        along * Math.sin(0.5) + across * Math.cos(0.5),
      ] as const;
    });
    const core = ellipseHolding(points, 0.95);
    expect(core.angle).toBeCloseTo(0.5, 1);
    expect(core.x).toBeCloseTo(3, 1);
    expect(core.major).toBeGreaterThan(3 * core.minor);
    expect(points.filter(([x, y]) => isInside({ x, y }, core)).length).toBe(190);
  });

  test('of one point is that point', () => {
    expect(ellipseHolding([[1, 2]], 0.95)).toMatchObject({ x: 1, y: 2, major: 0, minor: 0 });
  });
});

describe('principal directions', () => {
  test('of a diagonal are its axes', () => {
    const directions = principalDirections(Float64Array.of(1, 0, 0, 0, 5, 0, 0, 0, 3), 3, 2);
    expect(directions[0][1]).toBeCloseTo(1, 6);
    expect(directions[1][2]).toBeCloseTo(1, 6);
  });

  test('that are nearly as wide as the next are found all the same', () => {
    const size = 60;
    const widths = Float64Array.from({ length: size }, (_, index) => 1 - index / 1000);
    const matrix = new Float64Array(size * size);
    for (const [index, width] of widths.entries()) matrix[index * size + index] = width;
    const directions = principalDirections(matrix, size, 2);
    expect(directions[0][0]).toBeCloseTo(1, 3);
    expect(directions[1][1]).toBeCloseTo(1, 3);
  });

  test('of nothing are orthonormal all the same', () => {
    const directions = principalDirections(new Float64Array(9), 3, 2);
    for (const one of directions) expect(Math.hypot(...one)).toBeCloseTo(1, 12);
    const product = directions[0].reduce((sum, value, i) => sum + value * directions[1][i], 0);
    expect(product).toBeCloseTo(0, 12);
  });
});
