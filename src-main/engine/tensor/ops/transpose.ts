import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';

type TransposeAttributes = { readonly permutation: readonly number[] };

const rule: OpRule<TransposeAttributes> = {
  op: 'transpose',
  halfPrecision: 'carries',
  infer: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== x.shape.length || sorted.some((axis, index) => axis !== index)) {
      throw new Error(
        `transpose: (${permutation.join(', ')}) does not order the axes of ${describe(x)}`,
      );
    }
    return [{ shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype }];
  },
  vjp: ({ attributes: { permutation } }, [gradient]) => [
    gradient &&
      transpose(
        gradient,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
  ],
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'Transpose',
      inputs: [emitter.name(inputs[0])],
      outputs: [emitter.name(outputs[0])],
      attributes: { perm: { ints: attributes.permutation } },
    }),
};

/** x with its axes in another order: axis i of the result is axis `permutation[i]` of x. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return apply(rule, [x], { permutation });
}
