import { broadcastShapes, formatShape, type Shape } from './shape.ts';
import type { Tensor, TensorType } from './tensor.ts';

/** Type of the result of two values that broadcast. @throws Error naming the op and both values. */
export function inferBroadcast(op: string, [a, b]: readonly Tensor[]): TensorType {
  const shape = broadcastShapes(a.shape, b.shape);
  if (!shape || a.dtype !== b.dtype) {
    throw new Error(`${op}: ${describe(a)} and ${describe(b)} do not go together`);
  }
  return { shape, dtype: a.dtype };
}

/** The type of a value that an op keeps. @throws Error naming the op and the value where it is not a float */
export function requireFloat(op: string, x: Tensor): TensorType {
  if (x.dtype !== 'float32' && x.dtype !== 'float64') {
    throw new Error(`${op}: a float32 or float64 value is needed, not ${describe(x)}`);
  }
  return { shape: x.shape, dtype: x.dtype };
}

/** As {@link requireFloat}, for an op that half precision is enough for. */
export function requireFloatOrHalf(op: string, x: Tensor): TensorType {
  return x.dtype === 'float16' ? { shape: x.shape, dtype: x.dtype } : requireFloat(op, x);
}

/** A value in messages: "float32 [2, 3]". */
export function describe(x: { readonly shape: Shape; readonly dtype: string }): string {
  return `${x.dtype} ${formatShape(x.shape)}`;
}
