import { after } from '../../../../src-main/engine/tensor/ops/after.ts';
import { concat } from '../../../../src-main/engine/tensor/ops/concat.ts';
import { fill } from '../../../../src-main/engine/tensor/ops/constant.ts';
import { customVjp } from '../../../../src-main/engine/tensor/ops/customVjp.ts';
import { exp } from '../../../../src-main/engine/tensor/ops/exp.ts';
import { expand } from '../../../../src-main/engine/tensor/ops/expand.ts';
import { gather } from '../../../../src-main/engine/tensor/ops/gather.ts';
import { matmul } from '../../../../src-main/engine/tensor/ops/matmul.ts';
import { mul } from '../../../../src-main/engine/tensor/ops/mul.ts';
import { pad } from '../../../../src-main/engine/tensor/ops/pad.ts';
import { recompute } from '../../../../src-main/engine/tensor/ops/recompute.ts';
import { reshape } from '../../../../src-main/engine/tensor/ops/reshape.ts';
import { resizeNearest } from '../../../../src-main/engine/tensor/ops/resizeNearest.ts';
import { scatterAdd } from '../../../../src-main/engine/tensor/ops/scatterAdd.ts';
import { sin } from '../../../../src-main/engine/tensor/ops/sin.ts';
import { slice } from '../../../../src-main/engine/tensor/ops/slice.ts';
import { split } from '../../../../src-main/engine/tensor/ops/split.ts';
import { transpose } from '../../../../src-main/engine/tensor/ops/transpose.ts';
import { ids, type OpCase, type OpCases, real } from '../../../support/opCase.ts';

const permutations = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

const axes = [0, 1, 2, -1, -2, -3];

function resized(name: string, from: readonly [number, number], to: readonly [number, number]) {
  return {
    name,
    inputs: [real(2, 3, ...from)],
    build: (x) => resizeNearest(x, to),
  } satisfies OpCase;
}

function expanded(name: string, from: number[], to: number[]): OpCase {
  return { name, inputs: [real(...from)], build: (x) => expand(x, to) };
}

function reshaped(name: string, from: number[], to: number[]): OpCase {
  return { name, inputs: [real(...from)], build: (x) => reshape(x, to) };
}

export const shapingCases: OpCases = {
  reshape: [
    reshaped('tokens to heads', [2, 7, 12], [2, 7, 3, 4]),
    reshaped('a picture to groups', [2, 6, 3, 4], [2, 2, 36]),
    reshaped('one element to a scalar', [1, 1], []),
    reshaped('a scalar to one element', [], [1, 1]),
    {
      name: 'twice, with a use between',
      inputs: [real(2, 6)],
      build: (x) => {
        const rows = reshape(x, [3, 4]);
        return mul(reshape(rows, [12]), reshape(mul(rows, rows), [12]));
      },
    },
  ],
  transpose: [
    ...permutations.map((permutation) => ({
      name: `(${permutation})`,
      inputs: [real(2, 3, 4)],
      build: (x: Parameters<typeof transpose>[0]) => transpose(x, permutation),
    })),
    { name: 'heads', inputs: [real(2, 3, 4, 5)], build: (x) => transpose(x, [0, 2, 1, 3]) },
    {
      name: 'a turn of four',
      inputs: [real(2, 3, 4, 5)],
      build: (x) => transpose(x, [3, 0, 1, 2]),
    },
  ],
  expand: [
    expanded('a scalar', [], [2, 3]),
    expanded('an inner axis', [2, 1, 3], [2, 4, 3]),
    expanded('new axes', [3], [2, 4, 3]),
    expanded('both', [3, 1], [2, 3, 5]),
    expanded('an axis of one kept', [1, 3], [1, 3]),
  ],
  slice: axes.flatMap(
    (axis) =>
      [
        {
          name: `the middle of axis ${axis}`,
          inputs: [real(4, 5, 6)],
          build: (x) => slice(x, axis, 1, 3),
        },
        {
          name: `the start of axis ${axis}`,
          inputs: [real(4, 5, 6)],
          build: (x) => slice(x, axis, 0, 2),
        },
        {
          name: `one of axis ${axis}`,
          inputs: [real(4, 5, 6)],
          build: (x) => slice(x, axis, 3, 4),
        },
        {
          name: `all of axis ${axis}`,
          inputs: [real(4, 5, 6)],
          build: (x) => mul(slice(x, axis, 0, x.shape.at(axis) ?? 0), x),
        },
      ] satisfies OpCase[],
  ),
  pad: axes.flatMap(
    (axis) =>
      [
        {
          name: `both ends of axis ${axis}`,
          inputs: [real(2, 3, 4)],
          build: (x) => pad(x, axis, 2, 1),
        },
        {
          name: `the end of axis ${axis}`,
          inputs: [real(2, 3, 4)],
          build: (x) => pad(x, axis, 0, 1),
        },
        {
          name: `nothing at axis ${axis}`,
          inputs: [real(2, 3, 4)],
          build: (x) => mul(pad(x, axis, 0, 0), x),
        },
      ] satisfies OpCase[],
  ),
  concat: [
    ...axes.map((axis) => ({
      name: `three along axis ${axis}`,
      inputs: [1, 3, 2].map((size) => real(...[2, 3, 4].with(axis, size))),
      build: (...values: readonly Parameters<typeof transpose>[0][]) => concat(values, axis),
    })),
    {
      name: 'a value with itself',
      inputs: [real(2, 3)],
      build: (x) => concat([x, x, mul(x, x)], 1),
    },
    { name: 'one value', inputs: [real(2, 3)], build: (x) => mul(concat([x], 0), x) },
    {
      name: 'with a constant',
      inputs: [real(2, 3)],
      build: (x) => concat([fill([2, 2], 0.5, x.dtype), x], 1),
    },
  ],
  gather: [
    { name: 'repeated rows', inputs: [real(5, 3), ids([2, 3], [4, 0, 4, 2, 2, 4])], build: gather },
    { name: 'one row', inputs: [real(5, 3), ids([], [3])], build: gather },
    { name: 'a list of rows', inputs: [real(5, 3), ids([4], [0, 1, 1, 4])], build: gather },
    { name: 'a table of one row', inputs: [real(1, 3), ids([1, 2], [0, 0])], build: gather },
  ],
  scatterAdd: [
    {
      name: 'repeated rows',
      inputs: [real(2, 3, 4), ids([2, 3], [4, 0, 4, 2, 2, 4])],
      build: (x, rows) => scatterAdd(x, rows, 6),
    },
    {
      name: 'one row',
      inputs: [real(4), ids([], [1])],
      build: (x, rows) => scatterAdd(x, rows, 3),
    },
    {
      name: 'all into one row',
      inputs: [real(5, 2), ids([5], [0, 0, 0, 0, 0])],
      build: (x, rows) => scatterAdd(x, rows, 1),
    },
  ],
  resizeNearest: [
    resized('twice the size', [3, 4], [6, 8]),
    resized('twice, from one pixel', [1, 1], [2, 2]),
    resized('three times and twice', [2, 3], [6, 6]),
    resized('an odd size', [5, 5], [9, 9]),
    resized('odd and even', [3, 4], [5, 8]),
    resized('smaller', [7, 8], [3, 4]),
    resized('smaller and larger', [7, 2], [3, 5]),
  ],
  after: [
    { name: 'one', inputs: [real(2, 3), real(1)], build: (x, y) => mul(after(mul(x, x), y), y) },
    {
      name: 'two, one of them computed',
      inputs: [real(3), real(2, 1)],
      build: (x, y) => mul(after(x, exp(y), y), y),
    },
    { name: 'a number', inputs: [real()], build: (x) => mul(after(mul(x, x), x), x) },
    { name: 'an input', inputs: [real(4, 2), real(2)], build: (x, y) => mul(after(x, y), y) },
    {
      name: 'before a change of shape',
      inputs: [real(4), real(1)],
      build: (x, y) => mul(reshape(after(x, y), [2, 2]), y),
    },
  ],
  split: [
    {
      name: 'in three',
      inputs: [real(2, 6)],
      build: (x) => {
        const [first, second, third] = split(x, 1, [2, 3, 1]);
        return concat([mul(third, third), second, mul(first, first)], 1);
      },
    },
    {
      name: 'one part unused',
      inputs: [real(3, 4)],
      build: (x) => {
        const [, second] = split(x, -1, [1, 3]);
        return mul(second, second);
      },
    },
    { name: 'along the first axis', inputs: [real(5, 2)], build: (x) => split(x, 0, [4, 1])[0] },
  ],
  customVjp: [
    {
      name: 'of two sources, told by the result',
      inputs: [real(2, 3), real(2, 3)],
      build: (a, b) =>
        customVjp(
          [a, b],
          (x, y) => mul(x, exp(y)),
          ([, y], result, gradient) => [mul(gradient, exp(y)), mul(gradient, result)],
        ),
    },
  ],
  recompute: [
    {
      name: 'of two sources',
      inputs: [real(2, 3), real(3, 2)],
      build: (a, b) => recompute([a, b], (x, y) => mul(matmul(x, y), matmul(x, y))),
    },
    {
      name: 'that closes over a parameter',
      inputs: [real(2, 3), real(3)],
      build: (a, b) => recompute([sin(a)], (x) => mul(sin(x), sin(b))),
    },
    {
      name: 'that closes over a parameter on which its source depends',
      inputs: [real(2, 3), real(3)],
      build: (a, b) => recompute([mul(a, sin(b))], (x) => mul(sin(x), sin(b))),
    },
    {
      name: 'in another',
      inputs: [real(2, 3)],
      build: (a) =>
        recompute([a], (x) =>
          mul(
            recompute([sin(x)], (y) => mul(y, y)),
            x,
          ),
        ),
    },
    {
      name: 'in a row, the second depending on both sources of the first',
      inputs: [real(2, 3), real(2, 3)],
      build: (a, b) => {
        const first = recompute([a, b], (x, y) => mul(sin(x), y));
        return recompute([first, b], (x, y) => mul(x, sin(y)));
      },
    },
  ],
};
