import type { NodeEmitter } from '../emitter.ts';
import { type Application, apply, type DType, type OpRule, type Tensor } from '../tensor.ts';
import { describe, requireFloatOrHalf } from '../typeInference.ts';
import { floatConstant } from './constant.ts';
import { matmul } from './matmul.ts';
import { reduceSum } from './reduceSum.ts';
import { reshape } from './reshape.ts';

type ResizeAttributes = { readonly size: readonly [number, number] };

const rule: OpRule<ResizeAttributes> = {
  op: 'resizeNearest',
  halfPrecision: 'carries',
  infer: ([x], { size }) => {
    if (x.shape.length !== 4)
      throw new Error(`resizeNearest: ${describe(x)} is not a batch of pictures`);
    return [
      { ...requireFloatOrHalf('resizeNearest', x), shape: [...x.shape.slice(0, 2), ...size] },
    ];
  },
  vjp: resizeVjp,
  emit: (node, emitter) =>
    factors(node.inputs[0], node.attributes.size).every(Number.isInteger)
      ? emitResize(node, emitter)
      : emitSelection(node, emitter),
};

/** How many times larger the height and the width become. */
function factors(x: Tensor, size: readonly [number, number]): [rows: number, columns: number] {
  return [size[0] / x.shape[2], size[1] / x.shape[3]];
}

function emitResize({ inputs, outputs }: Application<ResizeAttributes>, emitter: NodeEmitter) {
  emitter.add({
    type: 'Resize',
    inputs: [emitter.name(inputs[0]), '', '', emitter.int64Vector(outputs[0].shape)],
    outputs: [emitter.name(outputs[0])],
    attributes: {
      mode: { string: 'nearest' },
      coordinate_transformation_mode: { string: 'asymmetric' },
      nearest_mode: { string: 'floor' },
    },
  });
}

/** Between other sizes Resize divides by a rounded factor and sometimes lands one element too low (14 -> 4). */
function emitSelection(
  { inputs: [x], outputs, attributes: { size } }: Application<ResizeAttributes>,
  emitter: NodeEmitter,
) {
  const rows = emitter.temporary();
  const select = (input: string, axis: 2 | 3, output: string) =>
    emitter.add({
      type: 'Gather',
      inputs: [input, emitter.int64Vector(sourceIndices(x.shape[axis], size[axis - 2]))],
      outputs: [output],
      attributes: { axis: { int: axis } },
    });
  select(emitter.name(x), 2, rows);
  select(rows, 3, emitter.name(outputs[0]));
}

function resizeVjp(
  { inputs: [x], attributes: { size } }: Application<ResizeAttributes>,
  [gradient]: readonly (Tensor | undefined)[],
) {
  if (!gradient) return [];
  const [batch, channels, height, width] = x.shape;
  const [rows, columns] = factors(x, size);
  if (Number.isInteger(rows) && Number.isInteger(columns)) {
    // [batch, channels, height * rows, width * columns] -> [batch * channels, height, rows, width, columns]
    const blocks = reshape(gradient, [batch * channels, height, rows, width, columns]);
    return [reshape(reduceSum(blocks, [2, 4]), x.shape)];
  }
  const summedRows = matmul(selection(height, size[0], x.dtype), gradient, { transposeA: true });
  return [matmul(summedRows, selection(width, size[1], x.dtype))];
}

/** 0/1 matrix [target, source] that says which source element each target element copies. */
function selection(source: number, target: number, dtype: DType): Tensor {
  const values = new Array<number>(target * source).fill(0);
  for (const [row, column] of sourceIndices(source, target).entries()) {
    values[row * source + column] = 1;
  }
  return floatConstant([target, source], values, dtype);
}

/** The source element that each target element copies, in float32 arithmetic (UpSample.h of torch 2.1). */
function sourceIndices(source: number, target: number): number[] {
  const step = Math.fround(source / target);
  return Array.from({ length: target }, (_, i) =>
    Math.min(Math.floor(Math.fround(i * step)), source - 1),
  );
}

/** Pictures [batch, channels, height, width] at another size by copying the nearest element, as torch's 'nearest'. */
export function resizeNearest(x: Tensor, size: readonly [number, number]): Tensor {
  return apply(rule, [x], { size });
}
