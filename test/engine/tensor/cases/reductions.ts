import { add } from '../../../../src-main/engine/tensor/ops/add.ts';
import { layerNorm } from '../../../../src-main/engine/tensor/ops/layerNorm.ts';
import { mul } from '../../../../src-main/engine/tensor/ops/mul.ts';
import { reduceMax } from '../../../../src-main/engine/tensor/ops/reduceMax.ts';
import { meanAll, reduceMean } from '../../../../src-main/engine/tensor/ops/reduceMean.ts';
import { reduceSum, sumAll, sumTo } from '../../../../src-main/engine/tensor/ops/reduceSum.ts';
import { topK } from '../../../../src-main/engine/tensor/ops/topK.ts';
import type { Tensor } from '../../../../src-main/engine/tensor/tensor.ts';
import {
  apart,
  given,
  type InputSpec,
  type OpCase,
  type OpCases,
  real,
} from '../../../support/opCase.ts';

const axesToReduce: readonly (readonly number[])[] = [
  [0],
  [1],
  [3],
  [-1],
  [-2, -1],
  [0, 2, 3],
  [3, 1],
  [0, 1, 2, 3],
  [],
];

function reductionCases(
  op: (x: Tensor, axes: readonly number[]) => Tensor,
  draw: (...shape: number[]) => InputSpec,
): OpCase[] {
  return [
    ...axesToReduce.map((axes) => ({
      name: `axes (${axes})`,
      inputs: [draw(2, 3, 4, 2)],
      build: (x: Tensor) => op(x, axes),
    })),
    { name: 'axes of size one', inputs: [draw(1, 3, 1)], build: (x) => op(x, [0, 2]) },
    { name: 'a scalar', inputs: [draw()], build: (x) => op(x, []) },
    { name: 'a value used again', inputs: [draw(3, 4)], build: (x) => mul(x, op(x, [1])) },
  ];
}

function sumToCase(name: string, from: number[], to: number[]): OpCase {
  return { name, inputs: [real(...from)], build: (x) => sumTo(x, to) };
}

/** The second derivative of the fused norm is refused. */
function normCase(name: string, inputs: InputSpec[], build: OpCase['build']): OpCase {
  return { name, inputs, build, twice: false };
}

export const reductionCasesByOp: OpCases = {
  reduceSum: [
    ...reductionCases(reduceSum, real),
    { name: 'everything', inputs: [real(2, 3)], build: (x) => sumAll(mul(x, x)) },
    sumToCase('to a row', [2, 3, 4], [4]),
    sumToCase('to a column', [2, 3, 4], [3, 1]),
    sumToCase('to a scalar', [2, 3], []),
    sumToCase('to one element', [2, 3], [1, 1]),
    sumToCase('to the same shape', [2, 3], [2, 3]),
    sumToCase('with an axis of one kept', [1, 3], [1, 1]),
  ],
  reduceMean: [
    ...reductionCases(reduceMean, real),
    { name: 'everything', inputs: [real(2, 3)], build: (x) => meanAll(mul(x, x)) },
  ],
  reduceMax: [
    ...reductionCases(reduceMax, apart),
    {
      // of two equal maxima each takes half, and so does a central difference
      name: 'pairs of equal maxima',
      inputs: [given([3, 4], [1, 5, 5, 0, 2, -1, -3, 2, 7, 6, 7, 1])],
      build: (x) => reduceMax(x, [1]),
      twice: false, // the difference of differences straddles the kink
    },
    {
      name: 'equal maxima over two axes',
      inputs: [given([2, 2, 2], [1, 4, 4, 0, 3, 2, 1, 3])],
      build: (x) => reduceMax(x, [1, 2]),
      twice: false,
    },
  ],
  topK: [
    { name: 'some of a row', inputs: [apart(2, 3, 7)], build: (x) => topK(x, 3) },
    { name: 'all of a row', inputs: [apart(2, 5)], build: (x) => topK(x, 5) },
    { name: 'the largest', inputs: [apart(6)], build: (x) => topK(x, 1) },
    { name: 'with equals', inputs: [given([1, 5], [2, 3, 3, 1, 2])], build: (x) => topK(x, 4) },
  ],
  layerNorm: [
    normCase('alone', [real(2, 5, 8)], (x) => layerNorm(x, 1e-5)),
    normCase('a scale', [real(2, 5, 8), real(8)], (x, scale) => layerNorm(x, 1e-5, scale)),
    normCase('a scale and a bias', [real(2, 5, 8), real(8), real(8)], (x, scale, bias) =>
      layerNorm(x, 1e-5, scale, bias),
    ),
    normCase('groups', [real(2, 4, 24)], (x) => layerNorm(x, 1e-6)),
    normCase('a vector', [real(6), real(6), real(6)], (x, scale, bias) =>
      layerNorm(x, 1e-5, scale, bias),
    ),
    normCase('a large epsilon', [real(3, 4)], (x) => layerNorm(x, 0.5)),
    normCase('a large mean', [real(3, 16)], (x) => layerNorm(add(x, 30), 1e-5)),
    normCase('one value thrice', [real(4, 4)], (x) => mul(layerNorm(x, 1e-5, reduceSum1(x)), x)),
  ],
};

/** [rows, width] -> [width] */
function reduceSum1(x: Tensor): Tensor {
  return sumTo(x, [x.shape[1]]);
}
