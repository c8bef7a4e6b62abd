import { sameShape } from '../shape.ts';
import { type Application, apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe, inferBroadcast } from '../typeInference.ts';
import { sumTo } from './reduceSum.ts';
import { freshWeight } from './widen.ts';

export type TransposeFlags = { readonly transposeA?: boolean; readonly transposeB?: boolean };

const rule: OpRule<TransposeFlags> = {
  op: 'gemm',
  halfPrecision: 'computes',
  infer: ([a, b, c], { transposeA = false, transposeB = false }) => {
    const [rows, innerA] = transposeA ? a.shape.toReversed() : a.shape;
    const [innerB, columns] = transposeB ? b.shape.toReversed() : b.shape;
    if (a.shape.length !== 2 || b.shape.length !== 2 || innerA !== innerB || a.dtype !== b.dtype) {
      throw new Error(`gemm: ${describe(a)} and ${describe(b)} cannot be multiplied`);
    }
    const product: Tensor = { ...a, shape: [rows, columns] };
    if (c && !sameShape(inferBroadcast('gemm', [product, c]).shape, product.shape)) {
      throw new Error(`gemm: ${describe(c)} cannot be added to ${describe(product)}`);
    }
    return [{ shape: product.shape, dtype: a.dtype }];
  },
  vjp: gemmVjp,
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'Gemm',
      inputs: inputs.map((x) => emitter.name(x)),
      outputs: [emitter.name(outputs[0])],
      attributes: {
        transA: { int: attributes.transposeA ? 1 : 0 },
        transB: { int: attributes.transposeB ? 1 : 0 },
      },
    }),
};

function gemmVjp(
  { inputs: [a, b, c], attributes }: Application<TransposeFlags>,
  [gradient]: readonly (Tensor | undefined)[],
) {
  if (!gradient) return [];
  const { transposeA = false, transposeB = false } = attributes;
  return [
    transposeA
      ? gemm(b, gradient, { transposeA: transposeB, transposeB: true })
      : gemm(gradient, b, { transposeB: !transposeB }),
    transposeB
      ? gemm(gradient, a, { transposeA: true, transposeB: transposeA })
      : gemm(a, gradient, { transposeA: !transposeA }),
    c && sumTo(gradient, c.shape),
  ];
}

/** Product of two matrices, each transposed on request, plus a bias that broadcasts to [rows, columns]. */
export function gemm(a: Tensor, b: Tensor, flags: TransposeFlags = {}, bias?: Tensor): Tensor {
  const second = freshWeight(b, a);
  return apply(rule, bias ? [a, second, bias] : [a, second], flags);
}
