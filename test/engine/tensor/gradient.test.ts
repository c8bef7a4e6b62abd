import { describe, expect, test } from 'vitest';
import { gradient, vjp } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { add } from '../../../src-main/engine/tensor/ops/add.ts';
import { cast } from '../../../src-main/engine/tensor/ops/cast.ts';
import { clip } from '../../../src-main/engine/tensor/ops/clip.ts';
import { concat } from '../../../src-main/engine/tensor/ops/concat.ts';
import { fill, floatConstant } from '../../../src-main/engine/tensor/ops/constant.ts';
import { exp } from '../../../src-main/engine/tensor/ops/exp.ts';
import { gather } from '../../../src-main/engine/tensor/ops/gather.ts';
import { greaterOrEqual } from '../../../src-main/engine/tensor/ops/greaterOrEqual.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import { layerNorm } from '../../../src-main/engine/tensor/ops/layerNorm.ts';
import { mul } from '../../../src-main/engine/tensor/ops/mul.ts';
import { reduceMax } from '../../../src-main/engine/tensor/ops/reduceMax.ts';
import { reduceSum, sumAll } from '../../../src-main/engine/tensor/ops/reduceSum.ts';
import { reshape } from '../../../src-main/engine/tensor/ops/reshape.ts';
import { silu } from '../../../src-main/engine/tensor/ops/silu.ts';
import { slice } from '../../../src-main/engine/tensor/ops/slice.ts';
import { stopGradient } from '../../../src-main/engine/tensor/ops/stopGradient.ts';
import { sub } from '../../../src-main/engine/tensor/ops/sub.ts';
import { topK } from '../../../src-main/engine/tensor/ops/topK.ts';
import { where } from '../../../src-main/engine/tensor/ops/where.ts';
import type { Tensor } from '../../../src-main/engine/tensor/tensor.ts';
import { evaluate, type Feeds } from '../../support/reference/evaluate.ts';

function compute(tensors: Readonly<Record<string, Tensor>>, feeds: Feeds = {}) {
  const values = evaluate(createGraph(tensors), feeds);
  return Object.fromEntries(Object.entries(values).map(([name, data]) => [name, [...data]]));
}

const x = input('x', [3], 'float64');
const y = input('y', [3], 'float64');
const feeds = { x: [1, 2, 3], y: [4, 5, 6] };

describe('gradient', () => {
  test('adds up the uses of a value', () => {
    const scalar = sumAll(add(mul(x, y), mul(exp(x), 2)));
    const [dx, dy] = gradient(scalar, [x, y]);
    expect(compute({ dy }, feeds).dy).toEqual([1, 2, 3]);
    const expected = [1, 2, 3].map((value, i) => feeds.y[i] + 2 * Math.exp(value));
    expect(compute({ dx }, feeds).dx).toEqual(expected);
  });

  test('counts both operands of an op that takes a value twice', () => {
    expect(compute({ dx: gradient(sumAll(mul(x, x)), [x])[0] }, feeds).dx).toEqual([2, 4, 6]);
    expect(compute({ dx: gradient(sumAll(sub(x, x)), [x])[0] }, feeds).dx).toEqual([0, 0, 0]);
    const twice = concat([x, x, x], 0);
    expect(compute({ dx: gradient(sumAll(twice), [x])[0] }, feeds).dx).toEqual([3, 3, 3]);
  });

  test('is zeros for a value that the scalar does not depend on', () => {
    const [dx, dy] = gradient(sumAll(mul(x, 3)), [x, y]);
    expect(compute({ dx, dy }, feeds)).toEqual({ dx: [3, 3, 3], dy: [0, 0, 0] });
    expect(dy).toMatchObject({ shape: [3], dtype: 'float64' });
  });

  test('reaches values in the middle of a graph and the scalar itself', () => {
    const middle = mul(x, 2);
    const scalar = sumAll(mul(middle, middle));
    const [dMiddle, dScalar, dx] = gradient(scalar, [middle, scalar, x]);
    expect(compute({ dMiddle, dScalar, dx }, feeds)).toEqual({
      dMiddle: [4, 8, 12],
      dScalar: [1],
      dx: [8, 16, 24],
    });
  });

  test('does not go below the values asked for', () => {
    const middle = topK(x, 2);
    const [dMiddle] = gradient(sumAll(mul(middle, middle)), [middle]);
    expect(compute({ dMiddle }, feeds).dMiddle).toEqual([6, 4]);
  });

  test('takes any shape of one element as a scalar and refuses others', () => {
    expect(compute({ dx: gradient(reduceSum(x), [x])[0] }, feeds).dx).toEqual([1, 1, 1]);
    expect(() => gradient(x, [x])).toThrow('gradient: a scalar is needed, not [3]');
  });

  test('can be taken again and again', () => {
    const [first] = gradient(sumAll(mul(mul(x, x), mul(x, x))), [x]);
    const [second] = gradient(sumAll(first), [x]);
    const [third] = gradient(sumAll(second), [x]);
    expect(compute({ first, second, third }, feeds)).toEqual({
      first: [4, 32, 108],
      second: [12, 48, 108],
      third: [24, 48, 72],
    });
  });
});

describe('vjp', () => {
  test('weighs several outputs by their cotangents', () => {
    const weights = floatConstant([3], [1, 10, 100], 'float64');
    const [dx] = vjp([mul(x, y), exp(y), x], [weights, fill([3], 1, 'float64'), weights], [x]);
    expect(compute({ dx }, feeds).dx).toEqual([5, 60, 700]);
  });

  test('adds up the cotangents of an output that is named twice', () => {
    const ones = fill([3], 1, 'float64');
    const product = mul(x, y);
    const [dx] = vjp([product, product], [ones, mul(ones, 2)], [x]);
    expect(compute({ dx }, feeds).dx).toEqual([12, 15, 18]);
  });

  test('refuses a cotangent of another shape', () => {
    expect(() => vjp([mul(x, y)], [fill([1], 1, 'float64')], [x])).toThrow(
      "internal: 'mul' received a gradient [1] for a value [3]",
    );
  });
});

describe('ops without a gradient', () => {
  test('are named when a gradient would cross them', () => {
    expect(() => gradient(sumAll(topK(x, 2)), [x])).toThrow("gradient: 'topK' has no gradient");
  });

  test('may lie on paths that do not lead to the values', () => {
    const threshold = topK(y, 1);
    const [dx] = gradient(sumAll(mul(x, threshold)), [x]);
    expect(compute({ dx }, feeds).dx).toEqual([6, 6, 6]);
  });

  test('choose without being differentiated', () => {
    const threshold = stopGradient(slice(topK(x, 2), 0, 1, 2));
    const kept = where(greaterOrEqual(x, threshold), mul(x, x), mul(x, 0));
    expect(compute({ dx: gradient(sumAll(kept), [x])[0] }, feeds).dx).toEqual([0, 4, 6]);
  });

  test('include the second outputs of silu and layerNorm', () => {
    const square = (value: Tensor) => sumAll(mul(value, value));
    const [ofSilu] = gradient(square(silu(x)), [x]);
    expect(() => gradient(sumAll(ofSilu), [x])).toThrow('silu: its second output has no gradient');
    const [ofNorm] = gradient(square(layerNorm(x, 1e-5)), [x]);
    expect(() => gradient(sumAll(ofNorm), [x])).toThrow(
      'layerNorm: its statistics have no gradient',
    );
  });
});

describe('rules that central differences cannot judge', () => {
  test('stopGradient passes the value and no gradient', () => {
    const stopped = stopGradient(x);
    const [dx] = gradient(sumAll(mul(x, stopped)), [x]);
    expect(compute({ stopped, dx }, feeds)).toEqual({ stopped: [1, 2, 3], dx: [1, 2, 3] });
    expect(compute({ dx: gradient(sumAll(stopped), [x])[0] }, feeds).dx).toEqual([0, 0, 0]);
  });

  test('clip passes the gradient on its bounds and none outside', () => {
    const [dx] = gradient(sumAll(mul(clip(x, 1, 2), y)), [x]);
    expect(compute({ dx }, feeds).dx).toEqual([4, 5, 0]);
    expect(compute({ dx }, { ...feeds, x: [0.999, 1.5, 2.001] }).dx).toEqual([0, 5, 0]);
  });

  test('reduceMax divides the gradient among all equal maxima', () => {
    const [dx] = gradient(reshape(mul(reduceMax(x, [0]), 6), []), [x]);
    expect(compute({ dx }, { x: [5, 5, 5] }).dx).toEqual([2, 2, 2]);
    expect(compute({ dx }, { x: [5, 1, 5] }).dx).toEqual([3, 0, 3]);
  });

  test('cast returns the gradient in the type of its input', () => {
    const narrow = cast(mul(x, 2), 'float32');
    const [dx] = gradient(sumAll(mul(narrow, floatConstant([3], [1, 2, 3], 'float32'))), [x]);
    expect(dx.dtype).toBe('float64');
    expect(compute({ dx }, feeds).dx).toEqual([2, 4, 6]);
  });

  test('cast passes nothing through whole numbers', () => {
    const rounded = cast(cast(x, 'int64'), 'float64');
    const [dx] = gradient(sumAll(mul(rounded, x)), [x]);
    expect(compute({ dx }, { x: [1.5, 2.5, 3] }).dx).toEqual([1, 2, 3]);
  });

  test('gather sums over repeated rows and passes nothing to the indices', () => {
    const table = input('table', [3, 2], 'float64');
    const rows = input('rows', [4], 'int64');
    const [dTable] = gradient(sumAll(gather(table, rows)), [table]);
    expect(compute({ dTable }, { rows: [2, 0, 2, 2] }).dTable).toEqual([1, 1, 0, 0, 3, 3]);
  });
});

describe('long and wide graphs', () => {
  function chain(length: number): Tensor {
    let value = x;
    for (let i = 0; i < length; i++) value = add(mul(value, 0.5), y);
    return value;
  }

  function gradientSize(length: number): number {
    return createGraph({ dx: gradient(sumAll(mul(chain(length), x)), [x])[0] }).nodes.length;
  }

  test('a chain of 20,000 nodes is differentiated without recursion', () => {
    const [dx, dy] = gradient(sumAll(chain(10_000)), [x, y]);
    const { dx: slope, dy: sum } = compute({ dx, dy }, feeds);
    expect(slope).toEqual([0, 0, 0]);
    for (const value of sum) expect(value).toBeCloseTo(2, 12);
  });

  test('the gradient of a chain is as long as the chain', () => {
    const [short, long, longer] = [1_000, 2_000, 3_000].map(gradientSize);
    expect(long - short).toBe(longer - long);
    expect(long - short).toBeLessThan(10 * 1_000);
  });

  test('each node is visited once, however many paths lead through it', () => {
    let value = x;
    for (let i = 0; i < 200; i++) value = mul(add(value, value), 0.5); // 2^200 paths
    const [dx] = gradient(sumAll(value), [x]);
    expect(compute({ dx }, feeds).dx).toEqual([1, 1, 1]);
    expect(createGraph({ dx }).nodes.length).toBeLessThan(2_000);
  });

  test('a value with 20,000 uses collects them in linear time', () => {
    const uses = Array.from({ length: 20_000 }, () => mul(x, 2));
    const [dx] = gradient(sumAll(concat(uses, 0)), [x]);
    expect(compute({ dx }, feeds).dx).toEqual([40_000, 40_000, 40_000]);
  });
});
