import { emitAs, type NodeEmitter } from '../emitter.ts';
import { broadcastShapes, elementCount } from '../shape.ts';
import { type Application, apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { sumTo } from './reduceSum.ts';

type MatmulAttributes = {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Factor of the product. */
  readonly scale?: number;
  /** Never in half precision, nor its gradient: for sums whose share of each other counts. */
  readonly precise?: boolean;
};

const rule: OpRule<MatmulAttributes> = {
  op: 'matmul',
  halfPrecision: ({ precise }) => (precise ? undefined : 'computes'),
  infer: ([a, b], { transposeA = false, transposeB = false }) => {
    const [rows, innerA] = matrixSizes(a, transposeA);
    const [innerB, columns] = matrixSizes(b, transposeB);
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (innerA !== innerB || !batch || a.dtype !== b.dtype) {
      throw new Error(`matmul: ${describe(a)} and ${describe(b)} cannot be multiplied`);
    }
    return [{ shape: [...batch, rows, columns], dtype: a.dtype }];
  },
  vjp: matmulVjp,
  emit: (application, emitter) => {
    const { transposeA, transposeB, scale = 1 } = application.attributes;
    if (!transposeA && !transposeB && scale === 1) return emitAs('MatMul')(application, emitter);
    return emitter.fusesMatmul ? emitFused(application, emitter) : emitApart(application, emitter);
  },
};

/** ONNX Runtime's own op reads the matrices transposed and scales in passing, without writing copies. */
function emitFused(application: Application<MatmulAttributes>, emitter: NodeEmitter): void {
  const { transposeA, transposeB, scale = 1 } = application.attributes;
  const attributes = {
    transA: { int: transposeA ? 1 : 0 },
    transB: { int: transposeB ? 1 : 0 },
    alpha: { float: scale },
  };
  emitAs('FusedMatMul', attributes, 'com.microsoft')(application, emitter);
}

function emitApart(
  { inputs: [a, b], outputs, attributes }: Application<MatmulAttributes>,
  emitter: NodeEmitter,
): void {
  const { transposeA, transposeB, scale = 1 } = attributes;
  const factors = [
    emitTransposed(emitter.name(a), a.shape.length, transposeA, emitter),
    emitTransposed(emitter.name(b), b.shape.length, transposeB, emitter),
  ];
  if (scale !== 1) {
    // the smaller one, since the product may be a map of attention
    const smaller = elementCount(a.shape) <= elementCount(b.shape) ? 0 : 1;
    const scaled = emitter.temporary();
    const number = emitter.scalar(scale, a.dtype);
    emitter.add({ type: 'Mul', inputs: [factors[smaller], number], outputs: [scaled] });
    factors[smaller] = scaled;
  }
  emitter.add({ type: 'MatMul', inputs: factors, outputs: [emitter.name(outputs[0])] });
}

function emitTransposed(
  name: string,
  rank: number,
  isTransposed: boolean | undefined,
  emitter: NodeEmitter,
): string {
  if (!isTransposed) return name;
  const transposed = emitter.temporary();
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const perm = { ints: [...axes.slice(0, -2), rank - 1, rank - 2] };
  emitter.add({ type: 'Transpose', inputs: [name], outputs: [transposed], attributes: { perm } });
  return transposed;
}

function matmulVjp(
  { inputs: [a, b], attributes }: Application<MatmulAttributes>,
  [gradient]: readonly (Tensor | undefined)[],
) {
  if (!gradient) return [];
  const { transposeA = false, transposeB = false, ...others } = attributes;
  const ofA = transposeA
    ? matmul(b, gradient, { transposeA: transposeB, transposeB: true, ...others })
    : matmul(gradient, b, { transposeB: !transposeB, ...others });
  const ofB = transposeB
    ? matmul(gradient, a, { transposeA: true, transposeB: transposeA, ...others })
    : matmul(a, gradient, { transposeA: !transposeA, ...others });
  return [sumTo(ofA, a.shape), sumTo(ofB, b.shape)];
}

function matrixSizes(x: Tensor, transposed: boolean): number[] {
  if (x.shape.length < 2) throw new Error(`matmul: ${describe(x)} is not a matrix`);
  const sizes = x.shape.slice(-2);
  return transposed ? sizes.reverse() : sizes;
}

/** Products of stacks of matrices [..., rows, inner] x [..., inner, columns], each transposed on request; times a number. */
export function matmul(a: Tensor, b: Tensor, flags: MatmulAttributes = {}): Tensor {
  return apply(rule, [a, b], flags);
}
