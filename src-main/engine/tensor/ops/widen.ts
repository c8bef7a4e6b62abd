import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { emitByAxis } from './after.ts';
import { cast, onnxDataType } from './cast.ts';

/** The inputs are the stored numbers and, where there is one, what must be there before. */
const rule: OpRule<Record<string, never>> = {
  op: 'widen',
  infer: ([stored]) => {
    if (stored.dtype === 'int64' || stored.dtype === 'bool') {
      throw new Error(`widen: ${describe(stored)} are no real numbers`);
    }
    return [{ shape: stored.shape, dtype: 'float32' }];
  },
  vjp: ({ inputs: [stored] }, [gradient]) => [gradient && cast(gradient, stored.dtype)],
  emit: ({ inputs: [stored, earlier], outputs: [y] }, emitter) => {
    // What waits, if only for an input, is no constant that ONNX Runtime would fold. Other devices get the folded one:
    // whether they can copy half precision depends on the card.
    const awaited = emitter.reshapesFreely ? (earlier ?? emitter.firstInput) : undefined;
    const held = awaited ? emitter.temporary() : emitter.name(stored);
    if (awaited) emitByAxis(stored, [awaited], held, emitter);
    const to = { int: onnxDataType.float32 };
    emitter.add({
      type: 'Cast',
      inputs: [held],
      outputs: [emitter.name(y)],
      attributes: { to },
    });
  },
};

/**
 * float32 of a large weight that is stored in half the bytes, made anew in each run. What {@link cast} makes of it is
 * computed once and kept beside it, twice as large.
 */
export function widen(stored: Tensor): Tensor {
  return apply(rule, [stored], {});
}

/**
 * A weight as an operand: of a widened one a copy of its own, made when `earlier` is there, so that it is not kept until
 * the next use. Any other is itself.
 */
export function freshWeight(weight: Tensor, earlier: Tensor): Tensor {
  return weight.node.op === rule.op ? apply(rule, [weight.node.inputs[0], earlier], {}) : weight;
}
