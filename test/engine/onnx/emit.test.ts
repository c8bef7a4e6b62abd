import { describe, expect, test } from 'vitest';
import { emitModel } from '../../../src-main/engine/onnx/emit.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { add } from '../../../src-main/engine/tensor/ops/add.ts';
import { constant, fill, floatConstant } from '../../../src-main/engine/tensor/ops/constant.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import { mul } from '../../../src-main/engine/tensor/ops/mul.ts';
import { pad } from '../../../src-main/engine/tensor/ops/pad.ts';
import { reduceSum } from '../../../src-main/engine/tensor/ops/reduceSum.ts';
import { reshape } from '../../../src-main/engine/tensor/ops/reshape.ts';
import { weight } from '../../../src-main/engine/tensor/ops/weight.ts';
import { int64Data } from '../../../src-main/engine/tensor/tensorData.ts';
import { runGraph } from '../../support/runGraph.ts';

const x = input('x', [3]);
const feeds = { x: [1, 2, 3] };

describe('outputs', () => {
  test('may be inputs, constants and other outputs', async () => {
    const doubled = mul(x, 2);
    const graph = createGraph({
      unchanged: x,
      unchangedAgain: x,
      fixed: floatConstant([2], [5, 6], 'float32'),
      number: fill([], 7, 'float32'),
      filled: fill([2, 2], 8, 'float32'),
      doubled,
      doubledAgain: doubled,
      used: add(doubled, 1),
    });
    expect(await runGraph(graph, feeds)).toEqual({
      unchanged: [1, 2, 3],
      unchangedAgain: [1, 2, 3],
      fixed: [5, 6],
      number: [7],
      filled: [8, 8, 8, 8],
      doubled: [2, 4, 6],
      doubledAgain: [2, 4, 6],
      used: [3, 5, 7],
    });
  });

  test('may be whole numbers', async () => {
    const ids = input('ids', [2], 'int64');
    const offset = constant(int64Data([2], [10, -20]));
    const graph = createGraph({ ids2: ids, sum: add(ids, offset), next: add(ids, 1) });
    expect(await runGraph(graph, { ids: [2 ** 40, -5] })).toEqual({
      ids2: [2 ** 40, -5],
      sum: [2 ** 40 + 10, -25],
      next: [2 ** 40 + 1, -4],
    });
  });

  test('may be empty', async () => {
    const none = input('none', [0, 3]);
    expect(await runGraph(createGraph({ doubled: mul(none, 2) }), { none: [] })).toEqual({
      doubled: [],
    });
  });

  test('whole numbers are padded with zeros', async () => {
    const ids = input('ids', [2], 'int64');
    expect(await runGraph(createGraph({ padded: pad(ids, 0, 1, 2) }), { ids: [3, 4] })).toEqual({
      padded: [0, 3, 4, 0, 0],
    });
  });
});

describe('names', () => {
  const sum = reduceSum(mul(x, 2), [0]);

  test.each(['mul.0', 'mul.1', 'constant.0', 'constant.1', 'reduceSum.2', 'a b/ü'])(
    'an output may be called %s',
    async (name) => {
      const graph = createGraph({ [name]: reshape(add(sum, 1), []), other: sum });
      expect(await runGraph(graph, feeds)).toEqual({ [name]: [13], other: [12] });
    },
  );

  test.each(['mul.0', 'mul.1', 'constant.0', 'constant.1', 'constant.2', 'add.2'])(
    'an input may be called %s',
    async (name) => {
      const value = input(name, [3]);
      const graph = createGraph({ sum: reduceSum(add(mul(value, 2), 1), [0]) });
      expect(await runGraph(graph, { [name]: [1, 2, 3] })).toEqual({ sum: [15] });
    },
  );
});

describe('constants', () => {
  test('equal numbers are stored once, whatever their number of uses', () => {
    const many = (count: number) => {
      let value = x;
      for (let i = 0; i < count; i++) value = add(value, 0.125);
      return emitModel(createGraph({ value })).bytes.length;
    };
    const [one, two, three] = [10, 20, 30].map(many);
    expect(three - two).toBe(two - one);
    expect((three - two) / 10).toBeLessThan(70); // a node, and no tensor
  });

  test('numbers of equal value and different type or shape stay apart', async () => {
    const ids = input('ids', [2], 'int64');
    const graph = createGraph({
      whole: add(ids, 1),
      real: add(x, 1),
      vector: add(x, floatConstant([1], [1], 'float32')),
      wide: add(input('precise', [1], 'float64'), 1),
      close: add(x, 1 + 2 ** -20),
    });
    const values = await runGraph(graph, { ...feeds, ids: [1, 2], precise: [0.1] });
    expect(values).toEqual({
      whole: [2, 3],
      real: [2, 3, 4],
      vector: [2, 3, 4],
      wide: [1.1],
      close: [1, 2, 3].map((value) => Math.fround(value + 1 + 2 ** -20)),
    });
  });

  test('a filled value is stored as one number', () => {
    const bytes = (size: number) =>
      emitModel(createGraph({ filled: fill([size, 1000], 1.5, 'float32') })).bytes.length;
    expect(bytes(1000)).toBeLessThan(bytes(1) + 10);
  });
});

describe('weights', () => {
  const location = { file: '/models/unet.safetensors', offset: 8, byteLength: 12 };

  test('never enter the model', () => {
    const byteLength = 4_000_000_000;
    const large = weight('large', [1_000_000_000], 'float32', { ...location, byteLength });
    const { bytes } = emitModel(createGraph({ sum: reduceSum(large) }));
    expect(bytes.length).toBeLessThan(1000);
    expect(new TextDecoder().decode(bytes)).toContain('models/unet.safetensors');
  });

  test('name the folder that their places are relative to', () => {
    const graph = createGraph({ sum: add(weight('bias', [3], 'float32', location), x) });
    expect(emitModel(graph).externalDataFolder).toBe('/');
    expect(emitModel(createGraph({ sum: add(x, x) })).externalDataFolder).toBeUndefined();
  });
});
