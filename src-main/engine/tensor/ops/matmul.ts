import { describe } from '../elementwise.ts';
import { broadcastShapes } from '../shape.ts';
import { type Application, apply, type OpRule, type Tensor } from '../tensor.ts';
import type { TransposeFlags } from './gemm.ts';
import { sumTo } from './reduceSum.ts';

const rule: OpRule<TransposeFlags> = {
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
  emit: ({ inputs: [a, b], outputs, attributes: { transposeA, transposeB } }, emitter) => {
    const io = {
      inputs: [emitter.name(a), emitter.name(b)],
      outputs: [emitter.name(outputs[0])],
    };
    if (!transposeA && !transposeB) return emitter.add({ type: 'MatMul', ...io });
    // ONNX Runtime's own op reads the matrices transposed instead of writing transposed copies
    return emitter.add({
      type: 'FusedMatMul',
      domain: 'com.microsoft',
      attributes: { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } },
      ...io,
    });
  },
};

function matmulVjp(
  { inputs: [a, b], attributes }: Application<TransposeFlags>,
  [gradient]: readonly (Tensor | undefined)[],
) {
  if (!gradient) return [];
  const { transposeA = false, transposeB = false } = attributes;
  const ofA = transposeA
    ? matmul(b, gradient, { transposeA: transposeB, transposeB: true })
    : matmul(gradient, b, { transposeB: !transposeB });
  const ofB = transposeB
    ? matmul(gradient, a, { transposeA: true, transposeB: transposeA })
    : matmul(a, gradient, { transposeA: !transposeA });
  return [sumTo(ofA, a.shape), sumTo(ofB, b.shape)];
}

function matrixSizes(x: Tensor, transposed: boolean): number[] {
  if (x.shape.length < 2) throw new Error(`matmul: ${describe(x)} is not a matrix`);
  const sizes = x.shape.slice(-2);
  return transposed ? sizes.reverse() : sizes;
}

/** Products of stacks of matrices [..., rows, inner] x [..., inner, columns], each transposed on request. */
export function matmul(a: Tensor, b: Tensor, flags: TransposeFlags = {}): Tensor {
  return apply(rule, [a, b], flags);
}
