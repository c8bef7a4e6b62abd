import type { NodeEmitter } from '../emitter.ts';
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
  emit: ({ inputs: [x], outputs, attributes }, emitter) =>
    emitPad(x, attributes, emitter.name(outputs[0]), emitter),
};

/**
 * Writes x with zeros around it as `name`. The counts of all axes are given: with those of one axis alone, ONNX Runtime's
 * WebGPU fails where it moves a Transpose past the Pad.
 */
export function emitPad(
  x: Tensor,
  { axis, before, after }: PadAttributes,
  name: string,
  emitter: NodeEmitter,
): void {
  const none = x.shape.map(() => 0);
  const counts = emitter.int64Vector([...none.with(axis, before), ...none.with(axis, after)]);
  emitter.add({
    type: 'Pad',
    inputs: [emitter.name(x), counts, emitter.scalar(0, x.dtype)],
    outputs: [name],
  });
}

/** x with zeros before and after it along an axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return x;
  return apply(rule, [x], { axis: normalizeAxis(axis, x.shape.length), before, after });
}
