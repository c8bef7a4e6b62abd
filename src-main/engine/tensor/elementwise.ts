import { emitAs } from './emitter.ts';
import { scalar } from './ops/constant.ts';
import { broadcastShapes, formatShape, type Shape } from './shape.ts';
import { apply, type OpRule, type Tensor, type TensorType } from './tensor.ts';

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

/** Type of the result of two values that broadcast. @throws Error naming the op and both values. */
export function inferBroadcast(op: string, [a, b]: readonly Tensor[]): TensorType {
  const shape = broadcastShapes(a.shape, b.shape);
  if (!shape || a.dtype !== b.dtype) {
    throw new Error(`${op}: ${describe(a)} and ${describe(b)} do not go together`);
  }
  return { shape, dtype: a.dtype };
}

export function requireFloat(op: string, x: Tensor): TensorType {
  if (x.dtype !== 'float32' && x.dtype !== 'float64') {
    throw new Error(`${op}: a float32 or float64 value is needed, not ${describe(x)}`);
  }
  return { shape: x.shape, dtype: x.dtype };
}

export function describe(x: { readonly shape: Shape; readonly dtype: string }): string {
  return `${x.dtype} ${formatShape(x.shape)}`;
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
