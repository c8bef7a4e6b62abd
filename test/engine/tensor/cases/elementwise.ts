import { add } from '../../../../src-main/engine/tensor/ops/add.ts';
import { cast } from '../../../../src-main/engine/tensor/ops/cast.ts';
import { clip } from '../../../../src-main/engine/tensor/ops/clip.ts';
import { cos } from '../../../../src-main/engine/tensor/ops/cos.ts';
import { div } from '../../../../src-main/engine/tensor/ops/div.ts';
import { erf } from '../../../../src-main/engine/tensor/ops/erf.ts';
import { exp } from '../../../../src-main/engine/tensor/ops/exp.ts';
import { gather } from '../../../../src-main/engine/tensor/ops/gather.ts';
import { gelu } from '../../../../src-main/engine/tensor/ops/gelu.ts';
import { greaterOrEqual } from '../../../../src-main/engine/tensor/ops/greaterOrEqual.ts';
import { log } from '../../../../src-main/engine/tensor/ops/log.ts';
import { mul } from '../../../../src-main/engine/tensor/ops/mul.ts';
import { neg } from '../../../../src-main/engine/tensor/ops/neg.ts';
import { sigmoid } from '../../../../src-main/engine/tensor/ops/sigmoid.ts';
import { silu } from '../../../../src-main/engine/tensor/ops/silu.ts';
import { sin } from '../../../../src-main/engine/tensor/ops/sin.ts';
import { softmax } from '../../../../src-main/engine/tensor/ops/softmax.ts';
import { sqrt } from '../../../../src-main/engine/tensor/ops/sqrt.ts';
import { sub } from '../../../../src-main/engine/tensor/ops/sub.ts';
import { where } from '../../../../src-main/engine/tensor/ops/where.ts';
import { widen } from '../../../../src-main/engine/tensor/ops/widen.ts';
import type { Tensor } from '../../../../src-main/engine/tensor/tensor.ts';
import {
  apart,
  type InputSpec,
  ids,
  type OpCase,
  type OpCases,
  positive,
  real,
} from '../../../support/opCase.ts';
import { countOf } from '../../../support/reference/referenceValue.ts';

type Draw = (...shape: number[]) => InputSpec;
type Operand = Tensor | number;

const pairs: readonly (readonly [string, number[], number[]])[] = [
  ['equal shapes', [2, 3, 4], [2, 3, 4]],
  ['a row', [2, 3, 4], [4]],
  ['a column', [2, 3, 4], [3, 1]],
  ['a channel', [2, 3, 4, 2], [3, 1, 1]],
  ['an inner axis of one', [2, 3, 4], [2, 1, 4]],
  ['a scalar on the right', [2, 3], []],
  ['a scalar on the left', [], [2, 3]],
  ['more axes on the right', [4], [2, 3, 4]],
  ['both repeated', [3, 1], [1, 4]],
  ['both repeated, more axes on the left', [2, 3, 1], [4]],
  ['one element against many', [1, 1], [2, 3]],
  ['two scalars', [], []],
];

/** Every way in which two operands meet. */
function binaryCases(op: (a: Operand, b: Operand) => Tensor, a: Draw, b: Draw): OpCase[] {
  return [
    ...pairs.map(([name, left, right]) => ({ name, inputs: [a(...left), b(...right)], build: op })),
    { name: 'a number on the right', inputs: [a(2, 3)], build: (x) => op(x, 1.7) },
    { name: 'a number on the left', inputs: [b(2, 3)], build: (x) => op(1.7, x) },
    { name: 'the same value twice', inputs: [b(2, 3)], build: (x) => op(mul(x, 1), mul(x, x)) },
  ];
}

function unaryCases(op: (x: Tensor) => Tensor, draw: Draw): OpCase[] {
  return [
    { name: 'a picture', inputs: [draw(2, 3, 4, 5)], build: op },
    { name: 'a scalar', inputs: [draw()], build: op },
  ];
}

/** The numbers of a comparison, as a real value: it can be an output and has no gradient. */
function asNumbers(condition: Tensor, like: Tensor): Tensor {
  return cast(condition, like.dtype);
}

/** A real operand: comparisons are made between values drawn apart. */
function compared(name: string, left: number[], right: number[]): OpCase {
  return {
    name,
    inputs: [apart(...left), real(...right)],
    build: (a, b) => asNumbers(greaterOrEqual(a, b), a),
  };
}

function alternating(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i % 3 === 1 ? -1 : 1));
}

function chosen(name: string, condition: number[], left: number[], right: number[]): OpCase {
  return {
    name,
    inputs: [ids(condition, alternating(countOf(condition))), real(...left), real(...right)],
    build: (chosen, a, b) => where(greaterOrEqual(chosen, 0), a, b),
  };
}

export const elementwiseCases: OpCases = {
  add: binaryCases(add, real, real),
  sub: binaryCases(sub, real, real),
  mul: binaryCases(mul, real, real),
  div: binaryCases(div, real, positive),
  neg: unaryCases(neg, real),
  exp: unaryCases(exp, real),
  log: unaryCases(log, positive),
  sqrt: unaryCases(sqrt, positive),
  sin: unaryCases(sin, real),
  cos: unaryCases(cos, real),
  erf: unaryCases(erf, real),
  gelu: unaryCases(gelu, real),
  sigmoid: unaryCases(sigmoid, real),
  silu: unaryCases(silu, real).map((row) => ({ ...row, twice: false })),
  softmax: [
    { name: 'attention scores', inputs: [real(2, 3, 4, 7)], build: softmax },
    { name: 'a vector', inputs: [real(5)], build: softmax },
    { name: 'large scores', inputs: [real(3, 4)], build: (x) => softmax(add(x, 300)) },
    { name: 'one element', inputs: [real(3, 1)], build: (x) => mul(softmax(x), x) },
  ],
  greaterOrEqual: pairs.map(([name, left, right]) => compared(name, left, right)),
  where: [
    chosen('equal shapes', [2, 3], [2, 3], [2, 3]),
    chosen('a repeated condition', [3, 1], [2, 3, 4], [2, 3, 4]),
    chosen('a condition with more axes', [2, 3, 4], [4], [3, 1]),
    chosen('scalars to choose from', [2, 3], [], []),
    chosen('a scalar against a picture', [2, 3], [2, 3], []),
    {
      name: 'the same value twice',
      inputs: [apart(2, 3)],
      build: (x) => where(greaterOrEqual(x, 0), mul(x, x), neg(x)),
    },
  ],
  clip: [
    { name: 'both bounds', inputs: [apart(4, 5)], build: (x) => clip(x, -1, 1) },
    { name: 'a scalar', inputs: [real()], build: (x) => clip(x, -10, 10) },
    { name: 'log-variances', inputs: [apart(6, 60)], build: (x) => clip(x, -30, 20) },
  ],
  widen: [
    {
      name: 'between other values',
      inputs: [real(2, 3)],
      twice: false, // the gradient's gradient is rounded to float32
      build: (x) => mul(cast(widen(mul(x, x)), x.dtype), x),
    },
    {
      name: 'of chosen rows',
      inputs: [real(4, 3), ids([2], [3, 1])],
      twice: false,
      build: (table, rows) => {
        const chosen = cast(gather(widen(table), rows), table.dtype);
        return mul(chosen, chosen);
      },
    },
  ],
  cast: [
    {
      name: 'of whole numbers',
      inputs: [ids([2, 3], alternating(6)), real(2, 3)],
      build: (x, y) => mul(cast(x, y.dtype), y),
    },
    {
      name: 'to the type it has',
      inputs: [real(2, 3)],
      build: (x) => cast(cast(x, x.dtype), x.dtype),
    },
    { name: 'to float64 and back', inputs: [real(2, 3)], build: (x) => through(x, 'float64') },
    {
      name: 'of a condition',
      inputs: [ids([2, 3], alternating(6)), real(2, 3)],
      build: (x, y) => mul(asNumbers(greaterOrEqual(x, 0), y), y),
    },
  ],
};

/** x cast to another type and back. */
function through(x: Tensor, dtype: 'float64'): Tensor {
  return cast(cast(x, dtype), x.dtype);
}
