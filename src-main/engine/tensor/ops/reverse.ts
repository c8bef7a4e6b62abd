import { apply, type OpRule, type Tensor } from '../tensor.ts';

/** ONNX reads it as "past the first element" when it goes backwards: the smallest 32-bit integer. */
const beforeFirst = -(2 ** 31);

const rule: OpRule<Record<string, never>> = {
  op: 'reverse',
  infer: ([{ shape, dtype }]) => [{ shape, dtype }],
  vjp: (_, [gradient]) => [gradient && reverse(gradient)],
  emit: ({ inputs, outputs }, emitter) =>
    emitter.add({
      type: 'Slice',
      inputs: [
        emitter.name(inputs[0]),
        emitter.int64Vector([-1]),
        emitter.int64Vector([beforeFirst]),
        emitter.int64Vector([inputs[0].shape.length - 1]),
        emitter.int64Vector([-1]),
      ],
      outputs: [emitter.name(outputs[0])],
    }),
};

/** The elements of the last axis, last one first. */
export function reverse(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
