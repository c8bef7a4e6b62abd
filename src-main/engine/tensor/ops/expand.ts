import { broadcastShapes, formatShape, type Shape, sameShape } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { sumTo } from './reduceSum.ts';

type ExpandAttributes = { readonly shape: Shape };

const rule: OpRule<ExpandAttributes> = {
  op: 'expand',
  halfPrecision: 'carries',
  infer: ([x], { shape }) => {
    const result = broadcastShapes(x.shape, shape);
    if (!result || !sameShape(result, shape)) {
      throw new Error(`expand: ${describe(x)} cannot be repeated to ${formatShape(shape)}`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  vjp: ({ inputs: [x] }, [gradient]) => [gradient && sumTo(gradient, x.shape)],
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'Expand',
      inputs: [emitter.name(inputs[0]), emitter.int64Vector(attributes.shape)],
      outputs: [emitter.name(outputs[0])],
    }),
};

/** x repeated along axes of size 1, and along new axes in front, to the shape asked for. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply(rule, [x], { shape });
}
