import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { add } from '../../../src-main/engine/tensor/ops/add.ts';
import { after } from '../../../src-main/engine/tensor/ops/after.ts';
import { clip } from '../../../src-main/engine/tensor/ops/clip.ts';
import { concat } from '../../../src-main/engine/tensor/ops/concat.ts';
import { constant } from '../../../src-main/engine/tensor/ops/constant.ts';
import { conv2d } from '../../../src-main/engine/tensor/ops/conv2d.ts';
import { convTranspose2d } from '../../../src-main/engine/tensor/ops/convTranspose2d.ts';
import { cos } from '../../../src-main/engine/tensor/ops/cos.ts';
import { customVjp } from '../../../src-main/engine/tensor/ops/customVjp.ts';
import { div } from '../../../src-main/engine/tensor/ops/div.ts';
import { erf } from '../../../src-main/engine/tensor/ops/erf.ts';
import { exp } from '../../../src-main/engine/tensor/ops/exp.ts';
import { expand } from '../../../src-main/engine/tensor/ops/expand.ts';
import { gather } from '../../../src-main/engine/tensor/ops/gather.ts';
import { gelu } from '../../../src-main/engine/tensor/ops/gelu.ts';
import { gemm } from '../../../src-main/engine/tensor/ops/gemm.ts';
import { greaterOrEqual } from '../../../src-main/engine/tensor/ops/greaterOrEqual.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import { layerNorm } from '../../../src-main/engine/tensor/ops/layerNorm.ts';
import { log } from '../../../src-main/engine/tensor/ops/log.ts';
import { matmul } from '../../../src-main/engine/tensor/ops/matmul.ts';
import { mul } from '../../../src-main/engine/tensor/ops/mul.ts';
import { neg } from '../../../src-main/engine/tensor/ops/neg.ts';
import { pad } from '../../../src-main/engine/tensor/ops/pad.ts';
import { recompute } from '../../../src-main/engine/tensor/ops/recompute.ts';
import { reduceMax } from '../../../src-main/engine/tensor/ops/reduceMax.ts';
import { reduceMean } from '../../../src-main/engine/tensor/ops/reduceMean.ts';
import { reduceSum } from '../../../src-main/engine/tensor/ops/reduceSum.ts';
import { reshape } from '../../../src-main/engine/tensor/ops/reshape.ts';
import { resizeNearest } from '../../../src-main/engine/tensor/ops/resizeNearest.ts';
import { scatterAdd } from '../../../src-main/engine/tensor/ops/scatterAdd.ts';
import { sigmoid } from '../../../src-main/engine/tensor/ops/sigmoid.ts';
import { silu } from '../../../src-main/engine/tensor/ops/silu.ts';
import { sin } from '../../../src-main/engine/tensor/ops/sin.ts';
import { slice } from '../../../src-main/engine/tensor/ops/slice.ts';
import { softmax } from '../../../src-main/engine/tensor/ops/softmax.ts';
import { split } from '../../../src-main/engine/tensor/ops/split.ts';
import { sqrt } from '../../../src-main/engine/tensor/ops/sqrt.ts';
import { sub } from '../../../src-main/engine/tensor/ops/sub.ts';
import { topK } from '../../../src-main/engine/tensor/ops/topK.ts';
import { transpose } from '../../../src-main/engine/tensor/ops/transpose.ts';
import { weight } from '../../../src-main/engine/tensor/ops/weight.ts';
import { where } from '../../../src-main/engine/tensor/ops/where.ts';
import { widen } from '../../../src-main/engine/tensor/ops/widen.ts';
import type { DType } from '../../../src-main/engine/tensor/tensor.ts';

function value(shape: readonly number[], dtype: DType = 'float32') {
  return input('value', shape, dtype);
}

const plain = { stride: 1, dilation: 1, padding: [0, 0, 0, 0] } as const;
const strided = { ...plain, stride: 2 };
const picture = value([1, 2, 4, 4]);
const kernel = value([3, 2, 3, 3]);
const table = value([5, 3]);
const whole = (...shape: number[]) => value(shape, 'int64');

type Refusal = readonly [op: string, build: () => unknown, message: string];

const elementwise: readonly Refusal[] = [
  ...Object.entries({ add, sub, mul, div, greaterOrEqual }).flatMap(([name, op]): Refusal[] => [
    [
      name,
      () => op(value([2, 3]), value([2])),
      `${name}: float32 [2, 3] and float32 [2] do not go together`,
    ],
    [
      name,
      () => op(value([2]), value([2], 'float64')),
      `${name}: float32 [2] and float64 [2] do not go together`,
    ],
    [name, () => op(1, 2), `${name}: at least one operand must be a value`],
  ]),
  ...Object.entries({ neg, exp, log, sqrt, sin, cos, erf, gelu, sigmoid, silu, softmax }).map(
    ([name, op]): Refusal => [
      name,
      () => op(whole(2)),
      `${name}: a float32 or float64 value is needed, not int64 [2]`,
    ],
  ),
  [
    'clip',
    () => clip(value([2], 'float16'), 0, 1),
    'clip: a float32 or float64 value is needed, not float16 [2]',
  ],
  [
    'where',
    () => where(value([2]), value([2]), value([2])),
    'where: float32 [2] cannot choose between float32 [2] values',
  ],
  [
    'where',
    () => where(value([3], 'bool'), value([2]), value([2])),
    'where: bool [3] cannot choose between float32 [2] values',
  ],
  [
    'where',
    () => where(value([2], 'bool'), value([2]), value([3])),
    'where: float32 [2] and float32 [3] do not go together',
  ],
];

const shaping: readonly Refusal[] = [
  ['reshape', () => reshape(value([2, 3]), [7]), 'reshape: float32 [2, 3] does not fill [7]'],
  [
    'transpose',
    () => transpose(value([2, 3]), [0, 0]),
    'transpose: (0, 0) does not order the axes of float32 [2, 3]',
  ],
  [
    'transpose',
    () => transpose(value([2, 3]), [0]),
    'transpose: (0) does not order the axes of float32 [2, 3]',
  ],
  ['expand', () => expand(value([2]), [3]), 'expand: float32 [2] cannot be repeated to [3]'],
  ['expand', () => expand(value([2, 1]), [3]), 'expand: float32 [2, 1] cannot be repeated to [3]'],
  ['slice', () => slice(value([4]), 0, 2, 5), 'slice: 2..5 is outside axis 0 of float32 [4]'],
  ['slice', () => slice(value([4]), -1, 3, 2), 'slice: 3..2 is outside axis 0 of float32 [4]'],
  ['slice', () => slice(value([4]), 1, 0, 1), 'axis 1 is outside a tensor of rank 1'],
  ['after', () => after(value([4])), 'after: at least one other value is needed'],
  [
    'after',
    () => after(value([2]), value([4]), input('ids', [1], 'int64')),
    'after: int64 [1] is no value to wait for',
  ],
  ['widen', () => widen(input('ids', [1], 'int64')), 'widen: int64 [1] are no real numbers'],
  ['split', () => split(value([4]), 0, [2, 3]), 'split: 2 + 3 is not axis 0 of float32 [4]'],
  ['pad', () => pad(value([4]), 0, -1, 2), 'pad: -1 and 2 zeros cannot be added to float32 [4]'],
  ['pad', () => pad(value([4]), -2, 1, 2), 'axis -2 is outside a tensor of rank 1'],
  ['concat', () => concat([], 0), 'concat: at least one value is needed'],
  [
    'concat',
    () => concat([value([2, 3]), value([2, 4])], 0),
    'concat: float32 [2, 3] and float32 [2, 4] do not join along axis 0',
  ],
  [
    'concat',
    () => concat([value([2]), whole(2)], -1),
    'concat: float32 [2] and int64 [2] do not join along axis 0',
  ],
  [
    'gather',
    () => gather(table, value([2])),
    'gather: float32 [2] cannot choose rows of float32 [5, 3]',
  ],
  [
    'gather',
    () => gather(value([5]), whole(2)),
    'gather: int64 [2] cannot choose rows of float32 [5]',
  ],
  [
    'scatterAdd',
    () => scatterAdd(value([2, 3]), value([2]), 5),
    'scatterAdd: float32 [2, 1] cannot place rows of float32 [2, 3]',
  ],
  [
    'scatterAdd',
    () => scatterAdd(value([2, 3]), whole(4), 5),
    'reshape: float32 [2, 3] does not fill [4, 3]',
  ],
  [
    'resizeNearest',
    () => resizeNearest(value([4, 4]), [8, 8]),
    'resizeNearest: float32 [4, 4] is not a batch of pictures',
  ],
];

const reductions: readonly Refusal[] = [
  ...Object.entries({ reduceSum, reduceMean, reduceMax }).flatMap(([name, op]): Refusal[] => [
    [name, () => op(value([2]), [1]), 'axis 1 is outside a tensor of rank 1'],
    [name, () => op(whole(2), [0]), `${name}: a float32 or float64 value is needed, not int64 [2]`],
  ]),
  ['topK', () => topK(value([3]), 4), 'topK: 4 elements cannot be chosen from float32 [3]'],
  ['topK', () => topK(value([3]), 0), 'topK: 0 elements cannot be chosen from float32 [3]'],
  ['topK', () => topK(value([]), 1), 'topK: 1 elements cannot be chosen from float32 []'],
  [
    'layerNorm',
    () => layerNorm(value([2, 3]), 1e-5, value([2])),
    'layerNorm: float32 [2] does not scale float32 [2, 3]',
  ],
  [
    'layerNorm',
    () => layerNorm(value([2, 3]), 1e-5, value([3]), value([3], 'float64')),
    'layerNorm: float64 [3] does not scale float32 [2, 3]',
  ],
];

const products: readonly Refusal[] = [
  [
    'matmul',
    () => matmul(value([2, 3]), value([2, 3])),
    'matmul: float32 [2, 3] and float32 [2, 3] cannot be multiplied',
  ],
  [
    'matmul',
    () => matmul(value([2, 2, 3]), value([4, 3, 2])),
    'matmul: float32 [2, 2, 3] and float32 [4, 3, 2] cannot be multiplied',
  ],
  [
    'matmul',
    () => matmul(value([2, 3]), value([3, 2], 'float64')),
    'matmul: float32 [2, 3] and float64 [3, 2] cannot be multiplied',
  ],
  ['matmul', () => matmul(value([3]), table), 'matmul: float32 [3] is not a matrix'],
  [
    'gemm',
    () => gemm(value([2, 3]), value([2, 3]), { transposeA: true, transposeB: true }),
    'gemm: float32 [2, 3] and float32 [2, 3] cannot be multiplied',
  ],
  [
    'gemm',
    () => gemm(value([1, 2, 3]), value([3, 2])),
    'gemm: float32 [1, 2, 3] and float32 [3, 2] cannot be multiplied',
  ],
  [
    'gemm',
    () => gemm(value([2, 3]), value([3, 4]), {}, value([3])),
    'gemm: float32 [2, 4] and float32 [3] do not go together',
  ],
  [
    'gemm',
    () => gemm(value([1, 3]), value([3, 4]), {}, value([2, 4])),
    'gemm: float32 [2, 4] cannot be added to float32 [1, 4]',
  ],
  [
    'conv2d',
    () => conv2d(value([1, 3, 4, 4]), kernel, undefined, plain),
    'conv2d: float32 [1, 3, 4, 4], float32 [3, 2, 3, 3] do not go together',
  ],
  [
    'conv2d',
    () => conv2d(picture, kernel, value([3, 1]), plain),
    'conv2d: float32 [1, 2, 4, 4], float32 [3, 2, 3, 3], float32 [3, 1] do not go together',
  ],
  [
    'conv2d',
    () => conv2d(picture, value([3, 2, 3, 3], 'float64'), undefined, plain),
    'conv2d: float32 [1, 2, 4, 4], float64 [3, 2, 3, 3] do not go together',
  ],
  [
    'conv2d',
    () => conv2d(value([1, 2, 2, 4]), kernel, undefined, plain),
    'conv2d: float32 [3, 2, 3, 3] is larger than float32 [1, 2, 2, 4]',
  ],
  [
    'convTranspose2d',
    () => convTranspose2d(value([1, 2, 4, 4]), kernel, plain, [6, 6]),
    'convTranspose2d: float32 [1, 2, 4, 4] and float32 [3, 2, 3, 3] do not go together',
  ],
  [
    'convTranspose2d',
    () => convTranspose2d(value([1, 3, 4, 4], 'float64'), kernel, plain, [6, 6]),
    'convTranspose2d: float64 [1, 3, 4, 4] and float32 [3, 2, 3, 3] do not go together',
  ],
  [
    'convTranspose2d',
    () => convTranspose2d(value([1, 3, 4, 4]), kernel, strided, [9, 8]),
    'convTranspose2d: no picture of size 8 gives float32 [1, 3, 4, 4]',
  ],
  [
    'convTranspose2d',
    () => convTranspose2d(value([1, 3, 4, 4]), kernel, strided, [11, 9]),
    'convTranspose2d: no picture of size 11 gives float32 [1, 3, 4, 4]',
  ],
];

const location = { file: '/weights', offset: 0, byteLength: 10 };

const sources: readonly Refusal[] = [
  [
    'constant',
    () => constant({ dtype: 'float32', shape: [2], data: Float32Array.of(1, 2, 3) }),
    'constant: 3 values for [2]',
  ],
  [
    'constant',
    () => constant({ dtype: 'uint8', shape: [1], data: Uint8Array.of(1) }),
    'constant: uint8 is not a type of graph values',
  ],
  [
    'weight',
    () => weight('conv_in.bias', [2, 3], 'float16', location),
    "weight 'conv_in.bias': float16 [2, 3] needs 12 bytes, not 10",
  ],
];

const graphs: readonly Refusal[] = [
  [
    'customVjp',
    () =>
      customVjp(
        [input('ids', [2], 'int64')],
        (_) => input('x', [3]),
        () => [],
      ),
    'customVjp: int64 [2] leads to float32 [3]',
  ],
  [
    'recompute',
    () => recompute([input('ids', [2], 'int64')], (_) => input('x', [3])),
    'recompute: int64 [2] leads to float32 [3]',
  ],
];

const refusals = [...graphs, ...elementwise, ...shaping, ...reductions, ...products, ...sources];

test.each(refusals)('%s refuses (%#)', (_, build, message) => {
  expect(build).toThrow(new Error(message));
});

test('every op that can be misused has a refusal', () => {
  const folder = resolve(import.meta.dirname, '../../../src-main/engine/tensor/ops');
  const ops = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''));
  const covered = new Set(refusals.map(([op]) => op));
  expect(ops.filter((op) => !covered.has(op)).sort()).toEqual(['cast', 'input', 'stopGradient']);
});
