import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe, requireFloat } from '../typeInference.ts';

type TopKAttributes = { readonly count: number };

const rule: OpRule<TopKAttributes> = {
  op: 'topK',
  infer: ([x], { count }) => {
    const size = x.shape[x.shape.length - 1];
    if (!(count >= 1 && count <= size)) {
      throw new Error(`topK: ${count} elements cannot be chosen from ${describe(x)}`);
    }
    return [{ ...requireFloat('topK', x), shape: x.shape.with(-1, count) }];
  },
  vjp: 'none',
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'TopK',
      inputs: [emitter.name(inputs[0]), emitter.int64Vector([attributes.count])],
      outputs: [emitter.name(outputs[0]), emitter.temporary()],
      attributes: { axis: { int: -1 }, largest: { int: 1 }, sorted: { int: 1 } },
    }),
};

/**
 * The `count` largest elements along the last axis, largest first. Without a gradient: take the last one as a threshold
 * under `stopGradient` and select with `greaterOrEqual`.
 */
export function topK(x: Tensor, count: number): Tensor {
  return apply(rule, [x], { count });
}
