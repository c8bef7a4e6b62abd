import { normalizeAxis } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { slice } from './slice.ts';

type PadAttributes = { readonly axis: number; readonly before: number; readonly after: number };

const rule: OpRule<PadAttributes> = {
  op: 'pad',
  halfPrecision: 'carries',
  infer: ([x], { axis, before, after }) => {
    if (before < 0 || after < 0) {
      throw new Error(`pad: ${before} and ${after} zeros cannot be added to ${describe(x)}`);
    }
    return [{ shape: x.shape.with(axis, before + x.shape[axis] + after), dtype: x.dtype }];
  },
  vjp: ({ inputs: [x], attributes: { axis, before } }, [gradient]) => [
    gradient && slice(gradient, axis, before, before + x.shape[axis]),
  ],
  emit: ({ inputs: [x], outputs, attributes: { axis, before, after } }, emitter) =>
    emitter.add({
      type: 'Pad',
      inputs: [
        emitter.name(x),
        emitter.int64Vector([before, after]),
        emitter.scalar(0, x.dtype),
        emitter.int64Vector([axis]),
      ],
      outputs: [emitter.name(outputs[0])],
    }),
};

/** x with zeros before and after it along an axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return x;
  return apply(rule, [x], { axis: normalizeAxis(axis, x.shape.length), before, after });
}
