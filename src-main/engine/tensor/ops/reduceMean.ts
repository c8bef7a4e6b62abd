import { normalizeAxes } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { requireFloat } from '../typeInference.ts';
import { expand } from './expand.ts';
import { mul } from './mul.ts';
import { allAxes, keepAxes } from './reduceSum.ts';
import { reshape } from './reshape.ts';

type ReduceAttributes = { readonly axes: readonly number[] };

const rule: OpRule<ReduceAttributes> = {
  op: 'reduceMean',
  infer: ([x], { axes }) => [{ ...requireFloat('reduceMean', x), shape: keepAxes(x.shape, axes) }],
  vjp: ({ inputs: [x], attributes: { axes } }, [gradient]) => {
    const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
    return [gradient && expand(mul(gradient, 1 / count), x.shape)];
  },
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'ReduceMean',
      inputs: [emitter.name(inputs[0]), emitter.int64Vector(attributes.axes)],
      outputs: [emitter.name(outputs[0])],
      attributes: { keepdims: { int: 1 } },
    }),
};

/** Mean over the axes, which stay with size 1. Negative axes count from the end. */
export function reduceMean(x: Tensor, axes: readonly number[] = allAxes(x)): Tensor {
  const normalized = normalizeAxes(axes, x.shape.length);
  return normalized.length === 0 ? x : apply(rule, [x], { axes: normalized });
}

/** Mean of everything: a value of rank 0. */
export function meanAll(x: Tensor): Tensor {
  return reshape(reduceMean(x), []);
}
