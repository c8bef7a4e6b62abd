import { emitAs } from '../emitter.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';

/** Gradients of the sources, for the gradient of the result. */
type Backward = (sources: readonly Tensor[], result: Tensor, gradient: Tensor) => readonly Tensor[];

type CustomVjpAttributes = { readonly backward: Backward };

/** The inputs are the sources, and the result comes last. */
const rule: OpRule<CustomVjpAttributes> = {
  op: 'customVjp',
  halfPrecision: 'stands',
  infer: (inputs) => {
    const result = inputs[inputs.length - 1];
    const other = inputs.find(({ dtype }) => dtype !== result.dtype);
    if (other) throw new Error(`customVjp: ${describe(other)} leads to ${describe(result)}`);
    return [{ shape: result.shape, dtype: result.dtype }];
  },
  vjp: ({ inputs, attributes }, [gradient]) =>
    gradient
      ? [
          ...attributes.backward(inputs.slice(0, -1), inputs[inputs.length - 1], gradient),
          undefined,
        ]
      : [],
  emit: ({ inputs, outputs }, emitter) =>
    emitAs('Identity')({ inputs: inputs.slice(-1), outputs }, emitter),
};

/**
 * The result of `build`, with a backward pass of its own in place of the one that would follow from its ops.
 * Gradients flow to the sources only.
 *
 * @param sources floating-point values of one dtype
 * @param backward a gradient for each source, of its shape
 */
export function customVjp<const Sources extends readonly Tensor[]>(
  sources: Sources,
  build: (...sources: Sources) => Tensor,
  backward: Backward,
): Tensor {
  return apply(rule, [...sources, build(...sources)], { backward });
}
