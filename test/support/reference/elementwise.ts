import { numberOf, type ReferenceOp, stringOf } from './referenceOp.ts';
import { at, broadcast, generate, total } from './referenceValue.ts';

function unary(f: (x: number) => number): ReferenceOp {
  return ([x]) => [generate(x.shape, (index) => f(at(x, index)))];
}

function binary(f: (a: number, b: number) => number): ReferenceOp {
  return ([a, b]) => [
    generate(broadcast(a.shape, b.shape), (index) => f(at(a, index), at(b, index))),
  ];
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Sum of positive terms (DLMF 7.6.2), accurate to the last digits for the arguments of tests. */
function erf(x: number): number {
  let term = x;
  let sum = 0;
  for (let n = 0; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 3);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Keeps the 8 leading bits of the significand, ties to even. */
export function roundToBfloat16(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer);
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(bits.buffer)[0];
}

const casts: Readonly<Record<string, (x: number) => number>> = {
  float64: (x) => x,
  float32: Math.fround,
  float16: Math.f16round,
  bfloat16: roundToBfloat16,
  int64: Math.trunc,
  bool: (x) => (x === 0 ? 0 : 1),
};

const cast: ReferenceOp = (inputs, attributes) =>
  unary(casts[stringOf(attributes, 'dtype')])(inputs, attributes);

const clip: ReferenceOp = ([x], attributes) => [
  generate(x.shape, (index) => {
    const raised = Math.max(at(x, index), numberOf(attributes, 'minimum'));
    return Math.min(raised, numberOf(attributes, 'maximum'));
  }),
];

const where: ReferenceOp = ([condition, a, b]) => [
  generate(broadcast(condition.shape, broadcast(a.shape, b.shape)), (index) =>
    at(condition, index) === 1 ? at(a, index) : at(b, index),
  ),
];

const silu: ReferenceOp = ([x]) => [
  generate(x.shape, (index) => at(x, index) * sigmoid(at(x, index))),
  generate(x.shape, (index) => sigmoid(at(x, index))),
];

const softmax: ReferenceOp = ([x]) => {
  const width = x.shape[x.shape.length - 1];
  return [
    generate(x.shape, (index) => {
      const row = Array.from({ length: width }, (_, i) => at(x, index.with(-1, i)));
      const largest = Math.max(...row);
      const sum = total(width, (i) => Math.exp(row[i] - largest));
      return Math.exp(at(x, index) - largest) / sum;
    }),
  ];
};

export const elementwiseReference: Readonly<Record<string, ReferenceOp>> = {
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  greaterOrEqual: binary((a, b) => (a >= b ? 1 : 0)),
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  erf: unary(erf),
  gelu: unary((x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2))),
  sigmoid: unary(sigmoid),
  stopGradient: unary((x) => x),
  cast,
  clip,
  where,
  // of numbers that float32 holds
  widen: (inputs) => inputs,
  silu,
  softmax,
};
