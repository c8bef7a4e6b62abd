import { emitAs } from './emitter.ts';
import { scalar } from './ops/constant.ts';
import { apply, type OpRule, type Tensor } from './tensor.ts';
import { requireFloat, requireFloatOrHalf } from './typeInference.ts';

type NoAttributes = Record<string, never>;

/** Rule of an op that maps each element by itself. The gradient rule sees the input, the output and its gradient. */
export function unaryRule(
  op: string,
  onnxType: string,
  vjp: (x: Tensor, y: Tensor, gradient: Tensor) => Tensor,
): OpRule<NoAttributes> {
  return {
    op,
    infer: ([x]) => [requireFloat(op, x)],
    vjp: ({ inputs, outputs }, [gradient]) => [gradient && vjp(inputs[0], outputs[0], gradient)],
    emit: emitAs(onnxType),
  };
}

/** The rule, for an op of which half precision is enough where its input has no more. */
export function carrying(rule: OpRule<NoAttributes>): OpRule<NoAttributes> {
  const infer = ([x]: readonly Tensor[]) => [requireFloatOrHalf(rule.op, x)];
  return { ...rule, infer, halfPrecision: 'carries' };
}

/** A number stands for a scalar of the other operand's type. */
export function applyBinary(
  rule: OpRule<NoAttributes>,
  a: Tensor | number,
  b: Tensor | number,
): Tensor {
  if (typeof a === 'number') {
    if (typeof b === 'number') throw new Error(`${rule.op}: at least one operand must be a value`);
    return apply(rule, [scalar(a, b.dtype), b], {});
  }
  return apply(rule, [a, typeof b === 'number' ? scalar(b, a.dtype) : b], {});
}
