import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { requireFloat } from '../typeInference.ts';
import { fill } from './constant.ts';
import { greaterOrEqual } from './greaterOrEqual.ts';
import { where } from './where.ts';

type ClipAttributes = { readonly minimum: number; readonly maximum: number };

const rule: OpRule<ClipAttributes> = {
  op: 'clip',
  infer: ([x]) => [requireFloat('clip', x)],
  vjp: ({ inputs: [x], attributes }, [gradient]) => {
    if (!gradient) return [];
    const zero = fill(x.shape, 0, x.dtype);
    const aboveMinimum = where(greaterOrEqual(x, attributes.minimum), gradient, zero);
    return [where(greaterOrEqual(attributes.maximum, x), aboveMinimum, zero)];
  },
  emit: ({ inputs: [x], outputs, attributes }, emitter) =>
    emitter.add({
      type: 'Clip',
      inputs: [
        emitter.name(x),
        emitter.scalar(attributes.minimum, x.dtype),
        emitter.scalar(attributes.maximum, x.dtype),
      ],
      outputs: [emitter.name(outputs[0])],
    }),
};

/** x where it lies between the bounds, else the nearer bound. No gradient flows outside the bounds. */
export function clip(x: Tensor, minimum: number, maximum: number): Tensor {
  return apply(rule, [x], { minimum, maximum });
}
