import { normalizeAxis } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { pad } from './pad.ts';

type SliceAttributes = { readonly axis: number; readonly start: number; readonly end: number };

const rule: OpRule<SliceAttributes> = {
  op: 'slice',
  halfPrecision: 'carries',
  infer: ([x], { axis, start, end }) => {
    if (start < 0 || end < start || end > x.shape[axis]) {
      throw new Error(`slice: ${start}..${end} is outside axis ${axis} of ${describe(x)}`);
    }
    return [{ shape: x.shape.with(axis, end - start), dtype: x.dtype }];
  },
  vjp: ({ inputs: [x], attributes: { axis, start, end } }, [gradient]) => [
    gradient && pad(gradient, axis, start, x.shape[axis] - end),
  ],
  emit: ({ inputs, outputs, attributes: { axis, start, end } }, emitter) =>
    emitter.add({
      type: 'Slice',
      inputs: [
        emitter.name(inputs[0]),
        emitter.int64Vector([start]),
        emitter.int64Vector([end]),
        emitter.int64Vector([axis]),
      ],
      outputs: [emitter.name(outputs[0])],
    }),
};

/** Elements start..end (end exclusive) along an axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const normalized = normalizeAxis(axis, x.shape.length);
  if (start === 0 && end === x.shape[normalized]) return x;
  return apply(rule, [x], { axis: normalized, start, end });
}
