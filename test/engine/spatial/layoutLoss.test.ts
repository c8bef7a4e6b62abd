import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import type { AttentionMap } from '../../../src-main/engine/models/unet.ts';
import { boxLoss, boxLossValues } from '../../../src-main/engine/spatial/boxLoss.ts';
import { layoutLoss, layoutLossValues } from '../../../src-main/engine/spatial/layoutLoss.ts';
import { boxMask, type PlacedObject } from '../../../src-main/engine/spatial/layoutMasks.ts';
import type { Values } from '../../../src-main/engine/tensor/executable.ts';
import { gradient } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import type { Tensor } from '../../../src-main/engine/tensor/tensor.ts';
import type { TensorData } from '../../../src-main/engine/tensor/tensorData.ts';
import { parseBox } from '../../../src-shared/layout.ts';
import { compile } from '../../support/tinyModel.ts';

const heads = 3;
const tokens = 7;
const sizes = [
  { height: 4, width: 6 },
  { height: 4, width: 6 },
  { height: 8, width: 12 },
];
const objects: PlacedObject[] = [
  { positions: [1, 3], boxes: [parseBox([0, 0.1, 0.4, 0.9])] },
  { positions: [5], boxes: [parseBox([0.5, 0, 1, 0.6]), parseBox([0.9, 0.9, 0.92, 0.99])] },
];
const seed = 11;

/** Attention as a softmax makes it: [heads, cells, tokens], every row summing to 1. */
function attentionOf(index: number): Float64Array {
  const { height, width } = sizes[index];
  const random = RandomStream.create(seed, `attention ${index}`);
  const rows = Array.from({ length: heads * height * width }, () => {
    const row = Array.from(random.normal(tokens), Math.exp);
    const sum = row.reduce((total, value) => total + value);
    return row.map((value) => value / sum);
  });
  return Float64Array.from(rows.flat());
}

const attention = sizes.map((_, index) => attentionOf(index));

type MakeLoss = (maps: readonly AttentionMap[]) => Tensor;

/** Loss and gradient on the real runtime, in double precision. */
async function evaluate(makeLoss: MakeLoss, values: Values, maps = attention) {
  const tensors = sizes.map(({ height, width }, index) =>
    input(`map${index}`, [1, heads, height * width, tokens], 'float64'),
  );
  const loss = makeLoss(
    tensors.map((probabilities, layer) => ({
      place: 'up' as const,
      block: 1,
      layer,
      probabilities,
      ...sizes[layer],
    })),
  );
  const gradients = gradient(loss, tensors);
  const named = gradients.map((value, index) => [`gradient${index}`, value] as const);
  const executable = await compile(createGraph({ loss, ...Object.fromEntries(named) }));
  const results = await executable.run({
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, widen(value)])),
    ...Object.fromEntries(
      tensors.map(({ shape }, index) => [
        `map${index}`,
        { dtype: 'float64' as const, shape, data: maps[index] },
      ]),
    ),
  });
  await executable.release();
  return {
    loss: Number(results.loss.data[0]),
    gradients: sizes.map((_, index) => Float64Array.from(results[`gradient${index}`].data, Number)),
  };
}

function widen({ shape, data }: TensorData): TensorData {
  return { dtype: 'float64', shape, data: Float64Array.from(data, Number) };
}

/** Attention of one head, or of their mean, to one token on one map. */
function mapOf(index: number, head: number | 'mean', token: number): number[] {
  const { height, width } = sizes[index];
  const at = (which: number, cell: number) =>
    attention[index][(which * height * width + cell) * tokens + token];
  return Array.from({ length: height * width }, (_, cell) =>
    head === 'mean' ? mean([0, 1, 2].map((which) => at(which, cell))) : at(head, cell),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The formula, term by term. */
function expectedLayoutLoss(ownHeads: readonly number[], emptyBoxes: 'keep' | 'nearest-cell') {
  const terms = sizes.map((size, index) =>
    mean(
      objects.map(({ positions, boxes }) => {
        const mask = boxMask(boxes, size, emptyBoxes);
        const perPosition = positions.map((token) =>
          mean(
            ownHeads.map((head) => {
              const map = mapOf(index, head, token);
              const inside = map.reduce((sum, value, cell) => sum + value * mask[cell], 0);
              const all = map.reduce((sum, value) => sum + value, 0);
              return (1 - inside / all) ** 2;
            }),
          ),
        );
        return mean(perPosition);
      }),
    ),
  );
  return mean(terms);
}

/** Largest difference between a gradient and central differences in some directions. */
async function gradientError(makeLoss: MakeLoss, values: Values): Promise<number> {
  const { gradients } = await evaluate(makeLoss, values);
  const random = RandomStream.create(seed, 'direction');
  const directions = attention.map((map) => Float64Array.from(random.normal(map.length)));
  const step = 1e-6;
  const at = async (distance: number) => {
    const moved = attention.map((map, index) =>
      map.map((value, cell) => value + distance * directions[index][cell]),
    );
    return (await evaluate(makeLoss, values, moved)).loss;
  };
  const numeric = ((await at(step)) - (await at(-step))) / (2 * step);
  const analytic = gradients
    .map((own, index) => own.reduce((sum, value, cell) => sum + value * directions[index][cell], 0))
    .reduce((sum, value) => sum + value, 0);
  return Math.abs(numeric - analytic) / Math.abs(analytic);
}

describe('layout loss', () => {
  test.each([
    ['all', [0, 1, 2], 'nearest-cell'],
    ['all', [0, 1, 2], 'keep'],
    // three heads: torch's chunk(2) gives two and one
    ['second-half', [2], 'keep'],
  ] as const)('of heads %s %j, empty boxes %s', async (choice, ownHeads, emptyBoxes) => {
    const values = layoutLossValues(sizes, objects, tokens, emptyBoxes);
    const { loss } = await evaluate((maps) => layoutLoss(maps, objects.length, choice), values);
    expect(loss).toBeCloseTo(expectedLayoutLoss(ownHeads, emptyBoxes), 6);
  });

  test('has the gradient of central differences', async () => {
    const values = layoutLossValues(sizes, objects, tokens);
    const error = await gradientError((maps) => layoutLoss(maps, objects.length), values);
    expect(error, `seed ${seed}`).toBeLessThan(1e-6);
  });

  test('of a token that is looked at nowhere is 1, with a finite gradient', async () => {
    const blind = attention.map((map) => map.map((value, i) => (i % tokens === 5 ? 0 : value)));
    const alone = [{ positions: [5], boxes: objects[0].boxes }];
    const values = layoutLossValues(sizes, alone, tokens);
    const { loss, gradients } = await evaluate((maps) => layoutLoss(maps, 1), values, blind);
    expect(loss).toBe(1);
    expect(gradients.every((own) => own.every(Number.isFinite))).toBe(true);
  });

  test('of the released code asks for two heads', () => {
    const probabilities = input('map', [1, 1, 4, tokens]);
    const map = { place: 'mid' as const, block: 0, layer: 0, probabilities, height: 2, width: 2 };
    expect(() => layoutLoss([map], 1, 'second-half')).toThrow('needs two attention heads');
  });

  test('refuses positions outside the sequence and objects without any', () => {
    const boxes = objects[0].boxes;
    const valuesOf = (positions: number[]) => () =>
      layoutLossValues(sizes, [{ positions, boxes }], tokens);
    expect(valuesOf([tokens])).toThrow('token position 7 is outside 0 to 6');
    expect(valuesOf([])).toThrow('object 1 has no tokens');
  });
});

describe('masks', () => {
  const size = { height: 4, width: 6 };
  const rows = (mask: Float32Array) =>
    Array.from({ length: 4 }, (_, y) => mask.slice(y * 6, y * 6 + 6).join(''));

  test('have the edges of the released code', () => {
    const mask = boxMask([parseBox([0.2, 0.3, 0.9, 0.8])], size, 'keep');
    expect(rows(mask)).toEqual(['000000', '011110', '011110', '000000']);
  });

  test('of several boxes are their union', () => {
    const boxes = [parseBox([0, 0, 0.5, 0.5]), parseBox([0.25, 0.25, 1, 1])];
    const mask = boxMask(boxes, size, 'nearest-cell');
    expect(rows(mask)).toEqual(['111000', '111111', '011111', '011111']);
  });

  test('of boxes smaller than a cell are the nearest cell, or empty as in the released code', () => {
    const boxes = [parseBox([0.95, 0.3, 0.99, 0.4]), parseBox([0.97, 0.97, 0.99, 0.99])];
    expect(rows(boxMask(boxes, size, 'nearest-cell'))).toEqual([
      '000000',
      '000001',
      '000000',
      '000001',
    ]);
    expect(rows(boxMask(boxes, size, 'keep'))).toEqual(['000000', '000000', '000000', '000000']);
  });
});

describe('box loss', () => {
  const values = boxLossValues(sizes, objects, tokens);

  /** The formula, term by term, with sorting where the graph has thresholds. */
  function expectedBoxLoss(): number {
    const perMap = sizes.map((size, index) =>
      mean(
        objects.map(({ positions, boxes }) => {
          const maps = positions.map((token) => mapOf(index, 'mean', token));
          const map = maps[0].map((_, cell) => mean(maps.map((own) => own[cell])));
          const mask = Array.from(boxMask(boxes, size, 'nearest-cell'));
          const inside = topMean(map.filter((_, cell) => mask[cell] === 1));
          const outside = topMean(map.filter((_, cell) => mask[cell] === 0));
          return 1 - inside + outside + cornerTerms(map, mask, size, index === 2);
        }),
      ),
    );
    return mean(perMap);
  }

  function topMean(map: readonly number[]): number {
    const count = Math.max(Math.floor(map.length * 0.2), 1);
    return mean(map.toSorted((a, b) => b - a).slice(0, count));
  }

  /** Edges of the boxes above, by hand: columns and rows within one cell of an edge. */
  function cornerTerms(
    map: readonly number[],
    mask: readonly number[],
    { height, width }: { height: number; width: number },
    fine: boolean,
  ): number {
    const first = mask[Math.floor(height / 2) * width] === 1;
    const columns = first
      ? fine
        ? [0, 1, 3, 4, 5]
        : [0, 1, 2, 3]
      : fine
        ? [5, 6, 7, 9, 10, 11]
        : [2, 3, 4, 5];
    const rows = first
      ? fine
        ? [0, 1, 6, 7]
        : [0, 1, 2, 3]
      : fine
        ? [0, 1, 3, 4, 5, 6, 7]
        : [0, 1, 2, 3];
    const column = (values: readonly number[], x: number) =>
      Math.max(...values.filter((_, cell) => cell % width === x));
    const row = (values: readonly number[], y: number) =>
      Math.max(...values.slice(y * width, (y + 1) * width));
    return (
      mean(columns.map((x) => Math.abs(column(map, x) - column(mask, x)))) +
      mean(rows.map((y) => Math.abs(row(map, y) - row(mask, y))))
    );
  }

  test('is the sum of its terms', async () => {
    const { loss } = await evaluate((maps) => boxLoss(maps, objects.length), values);
    expect(loss).toBeCloseTo(expectedBoxLoss(), 6);
  });

  test('has the gradient of central differences', async () => {
    const error = await gradientError((maps) => boxLoss(maps, objects.length), values);
    expect(error, `seed ${seed}`).toBeLessThan(1e-6);
  });

  test('of a box that is the whole picture has nothing outside', async () => {
    const whole = [{ positions: [1], boxes: [parseBox([0, 0, 1, 1])] }];
    const { loss, gradients } = await evaluate(
      (maps) => boxLoss(maps, 1),
      boxLossValues(sizes, whole, tokens),
    );
    const { loss: loose } = await evaluate(
      (maps) => boxLoss(maps, 1),
      boxLossValues(sizes, [{ positions: [1], boxes: [parseBox([0, 0, 0.5, 1])] }], tokens),
    );
    expect(gradients.every((own) => own.every(Number.isFinite))).toBe(true);
    expect(loss).not.toBeCloseTo(loose, 3);
    expect(loss).toBeLessThan(3);
  });
});
