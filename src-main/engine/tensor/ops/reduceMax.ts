import { normalizeAxes } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { requireFloat } from '../typeInference.ts';
import { cast } from './cast.ts';
import { div } from './div.ts';
import { greaterOrEqual } from './greaterOrEqual.ts';
import { mul } from './mul.ts';
import { keepAxes, reduceSum } from './reduceSum.ts';

type ReduceAttributes = { readonly axes: readonly number[] };

const rule: OpRule<ReduceAttributes> = {
  op: 'reduceMax',
  infer: ([x], { axes }) => [{ ...requireFloat('reduceMax', x), shape: keepAxes(x.shape, axes) }],
  vjp: ({ inputs: [x], outputs: [y], attributes }, [gradient]) => {
    if (!gradient) return [];
    const isMaximum = cast(greaterOrEqual(x, y), x.dtype);
    return [mul(isMaximum, div(gradient, reduceSum(isMaximum, attributes.axes)))];
  },
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'ReduceMax',
      inputs: [emitter.name(inputs[0]), emitter.int64Vector(attributes.axes)],
      outputs: [emitter.name(outputs[0])],
      attributes: { keepdims: { int: 1 } },
    }),
};

/** Largest element over the axes, which stay with size 1. Equal maxima share the gradient, as `torch.amax` does. */
export function reduceMax(x: Tensor, axes: readonly number[]): Tensor {
  const normalized = normalizeAxes(axes, x.shape.length);
  return normalized.length === 0 ? x : apply(rule, [x], { axes: normalized });
}
