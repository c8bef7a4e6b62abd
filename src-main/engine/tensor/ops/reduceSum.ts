import { normalizeAxes, type Shape, sameShape } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { requireFloat } from '../typeInference.ts';
import { expand } from './expand.ts';
import { reshape } from './reshape.ts';

type ReduceAttributes = { readonly axes: readonly number[] };

const rule: OpRule<ReduceAttributes> = {
  op: 'reduceSum',
  infer: ([x], { axes }) => [{ ...requireFloat('reduceSum', x), shape: keepAxes(x.shape, axes) }],
  vjp: ({ inputs: [x] }, [gradient]) => [gradient && expand(gradient, x.shape)],
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'ReduceSum',
      inputs: [emitter.name(inputs[0]), emitter.int64Vector(attributes.axes)],
      outputs: [emitter.name(outputs[0])],
      attributes: { keepdims: { int: 1 } },
    }),
};

/** The shape with the given axes reduced to size 1. */
export function keepAxes(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** Sum over the axes, which stay with size 1. Negative axes count from the end. */
export function reduceSum(x: Tensor, axes: readonly number[] = allAxes(x)): Tensor {
  const normalized = normalizeAxes(axes, x.shape.length);
  return normalized.length === 0 ? x : apply(rule, [x], { axes: normalized });
}

/** Sum of everything: a value of rank 0. */
export function sumAll(x: Tensor): Tensor {
  return reshape(reduceSum(x), []);
}

/** The transpose of broadcasting: sums over all axes along which `shape` was repeated to make x's. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(reduceSum(x, axes), shape);
}

/** Every axis of a value. */
export function allAxes(x: Tensor): number[] {
  return x.shape.map((_, axis) => axis);
}
