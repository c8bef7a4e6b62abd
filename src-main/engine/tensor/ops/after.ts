import type { NodeEmitter } from '../emitter.ts';
import { elementCount } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { onnxDataType } from './cast.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'after',
  halfPrecision: 'carries',
  infer: ([x, ...others]) => {
    const other = others.find(({ dtype }) => dtype === 'bool' || dtype === 'int64');
    if (other) throw new Error(`after: ${describe(other)} is no value to wait for`);
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  vjp: (_, [gradient]) => [gradient],
  emit: ({ inputs: [x, ...others], outputs: [y] }, emitter) => {
    const write = emitter.reshapesFreely ? emitByAxis : emitBySum;
    write(x, others, emitter.name(y), emitter);
  },
};

/**
 * Writes x as `name`: with an axis of length 1 before the others, and without it. Where the axis goes is chosen by a
 * number of the others, between 0 and 0. Nothing is copied. (A Reshape to a chosen shape would do, if ONNX Runtime did
 * not fail to join it with a Reshape that follows.)
 */
export function emitByAxis(
  x: Tensor,
  others: readonly Tensor[],
  name: string,
  emitter: NodeEmitter,
): void {
  const [isPositive, axis, unsqueezed] = Array.from({ length: 3 }, () => emitter.temporary());
  const [number, zero] = [emitElement(others, emitter), emitter.scalar(0, 'float32')];
  const first = emitter.int64Vector([0]);
  emitter.add({ type: 'GreaterOrEqual', inputs: [number, zero], outputs: [isPositive] });
  emitter.add({ type: 'Where', inputs: [isPositive, first, first], outputs: [axis] });
  emitter.add({ type: 'Unsqueeze', inputs: [emitter.name(x), axis], outputs: [unsqueezed] });
  emitter.declare(unsqueezed, [1, ...x.shape], x.dtype);
  emitter.add({ type: 'Squeeze', inputs: [unsqueezed, first], outputs: [name] });
}

/** Writes x as `name`: x + 0 * (a number of the others). */
function emitBySum(x: Tensor, others: readonly Tensor[], name: string, emitter: NodeEmitter): void {
  const [nothing, scalar, cast] = Array.from({ length: 3 }, () => emitter.temporary());
  const zero = emitter.scalar(0, 'float32');
  const to = { int: onnxDataType[x.dtype] };
  emitter.add({ type: 'Mul', inputs: [emitElement(others, emitter), zero], outputs: [nothing] });
  emitter.add({ type: 'Reshape', inputs: [nothing, emitter.int64Vector([])], outputs: [scalar] });
  emitter.add({ type: 'Cast', inputs: [scalar], outputs: [cast], attributes: { to } });
  emitter.add({ type: 'Add', inputs: [emitter.name(x), cast], outputs: [name] });
}

/** Name of the sum of one element of each: float32 [1] */
function emitElement(values: readonly Tensor[], emitter: NodeEmitter): string {
  const elements = values.map((value) => {
    const [flat, element] = [emitter.temporary(), emitter.temporary()];
    const all = emitter.int64Vector([elementCount(value.shape)]);
    const [zero, one] = [[0], [1]].map((position) => emitter.int64Vector(position));
    emitter.add({ type: 'Reshape', inputs: [emitter.name(value), all], outputs: [flat] });
    emitter.add({ type: 'Slice', inputs: [flat, zero, one, zero], outputs: [element] });
    return value.dtype === 'float32' ? element : emitFloat32(element, emitter);
  });
  return elements.reduce((total, element) => {
    const sum = emitter.temporary();
    emitter.add({ type: 'Add', inputs: [total, element], outputs: [sum] });
    return sum;
  });
}

function emitFloat32(name: string, emitter: NodeEmitter): string {
  const cast = emitter.temporary();
  const to = { int: onnxDataType.float32 };
  emitter.add({ type: 'Cast', inputs: [name], outputs: [cast], attributes: { to } });
  return cast;
}

/**
 * x, but not before the others are there. ONNX Runtime runs nodes in any order that their inputs allow, merges equal
 * ones and folds constants; this keeps apart and in order what would otherwise lie in memory side by side.
 *
 * @param others one or more real values
 */
export function after(x: Tensor, ...others: readonly Tensor[]): Tensor {
  if (others.length === 0) throw new Error('after: at least one other value is needed');
  return apply(rule, [x, ...others], {});
}
