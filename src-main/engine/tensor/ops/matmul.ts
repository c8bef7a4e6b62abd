import { broadcastShapes } from '../shape.ts';
import { type Application, apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { sumTo } from './reduceSum.ts';

type MatmulAttributes = {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Factor of the product. */
  readonly scale?: number;
};

const rule: OpRule<MatmulAttributes> = {
  op: 'matmul',
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
  emit: ({ inputs: [a, b], outputs, attributes }, emitter) => {
    const io = {
      inputs: [emitter.name(a), emitter.name(b)],
      outputs: [emitter.name(outputs[0])],
    };
    const { transposeA, transposeB, scale = 1 } = attributes;
    if (!transposeA && !transposeB && scale === 1) return emitter.add({ type: 'MatMul', ...io });
    // ONNX Runtime's own op reads the matrices transposed and scales in passing, without writing copies
    return emitter.add({
      type: 'FusedMatMul',
      domain: 'com.microsoft',
      attributes: {
        transA: { int: transposeA ? 1 : 0 },
        transB: { int: transposeB ? 1 : 0 },
        alpha: { float: scale },
      },
      ...io,
    });
  },
};

function matmulVjp(
  { inputs: [a, b], attributes }: Application<MatmulAttributes>,
  [gradient]: readonly (Tensor | undefined)[],
) {
  if (!gradient) return [];
  const { transposeA = false, transposeB = false, scale } = attributes;
  const ofA = transposeA
    ? matmul(b, gradient, { transposeA: transposeB, transposeB: true, scale })
    : matmul(gradient, b, { transposeB: !transposeB, scale });
  const ofB = transposeB
    ? matmul(gradient, a, { transposeA: true, transposeB: transposeA, scale })
    : matmul(a, gradient, { transposeA: !transposeA, scale });
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
