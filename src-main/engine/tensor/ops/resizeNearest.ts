import { describe, requireFloat } from '../elementwise.ts';
import { type Application, apply, type DType, type OpRule, type Tensor } from '../tensor.ts';
import { floatConstant } from './constant.ts';
import { matmul } from './matmul.ts';
import { reduceSum } from './reduceSum.ts';
import { reshape } from './reshape.ts';

type ResizeAttributes = { readonly size: readonly [number, number] };

const rule: OpRule<ResizeAttributes> = {
  op: 'resizeNearest',
  infer: ([x], { size }) => {
    if (x.shape.length !== 4)
      throw new Error(`resizeNearest: ${describe(x)} is not a batch of pictures`);
    return [{ ...requireFloat('resizeNearest', x), shape: [...x.shape.slice(0, 2), ...size] }];
  },
  vjp: resizeVjp,
  emit: ({ inputs, outputs }, emitter) =>
    emitter.add({
      type: 'Resize',
      inputs: [emitter.name(inputs[0]), '', '', emitter.int64Vector(outputs[0].shape)],
      outputs: [emitter.name(outputs[0])],
      attributes: {
        mode: { string: 'nearest' },
        coordinate_transformation_mode: { string: 'asymmetric' },
        nearest_mode: { string: 'floor' },
      },
    }),
};

function resizeVjp(
  { inputs: [x], attributes: { size } }: Application<ResizeAttributes>,
  [gradient]: readonly (Tensor | undefined)[],
) {
  if (!gradient) return [];
  const [batch, channels, height, width] = x.shape;
  const [rows, columns] = [size[0] / height, size[1] / width];
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
  for (let i = 0; i < target; i++) values[i * source + Math.floor((i * source) / target)] = 1;
  return floatConstant([target, source], values, dtype);
}

/** Pictures [batch, channels, height, width] at another size by copying the nearest element, as torch's 'nearest'. */
export function resizeNearest(x: Tensor, size: readonly [number, number]): Tensor {
  return apply(rule, [x], { size });
}
