import { elementCount, formatShape, type Shape, sameShape } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';

type ReshapeAttributes = { readonly shape: Shape };

const rule: OpRule<ReshapeAttributes> = {
  op: 'reshape',
  halfPrecision: 'carries',
  infer: ([x], { shape }) => {
    if (elementCount(x.shape) !== elementCount(shape)) {
      throw new Error(`reshape: ${describe(x)} does not fill ${formatShape(shape)}`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  vjp: ({ inputs: [x] }, [gradient]) => [gradient && reshape(gradient, x.shape)],
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'Reshape',
      inputs: [emitter.name(inputs[0]), emitter.int64Vector(attributes.shape)],
      outputs: [emitter.name(outputs[0])],
    }),
};

/** The same elements in the same order under another shape. Of several reshapes in a row only the last remains. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return x.node.op === rule.op ? reshape(x.node.inputs[0], shape) : apply(rule, [x], { shape });
}
