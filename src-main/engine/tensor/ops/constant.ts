import { elementCount, formatShape, type Shape } from '../shape.ts';
import { apply, type DType, type OpRule, type Tensor } from '../tensor.ts';
import type { TensorData } from '../tensorData.ts';
import { expand } from './expand.ts';

type ConstantAttributes = { readonly value: TensorData; readonly dtype: DType };

const rule: OpRule<ConstantAttributes> = {
  op: 'constant',
  infer: (_, { value, dtype }) => {
    if (elementCount(value.shape) !== value.data.length) {
      throw new Error(`constant: ${value.data.length} values for ${formatShape(value.shape)}`);
    }
    return [{ shape: value.shape, dtype }];
  },
  vjp: () => [],
  emit: ({ outputs, attributes }, emitter) => emitter.constant(outputs[0], attributes.value),
};

/** Small fixed numbers inside the model. Weights never come this way. */
export function constant(value: TensorData): Tensor {
  if (value.dtype === 'uint8') throw new Error('constant: uint8 is not a type of graph values');
  return apply(rule, [], { value, dtype: value.dtype });
}

/** A constant of real numbers in the precision asked for. */
export function floatConstant(shape: Shape, values: readonly number[], dtype: DType): Tensor {
  return dtype === 'float64'
    ? constant({ dtype, shape, data: Float64Array.from(values) })
    : constant({ dtype: 'float32', shape, data: Float32Array.from(values) });
}

/** One number as a value of rank 0. */
export function scalar(value: number, dtype: DType): Tensor {
  return dtype === 'int64'
    ? constant({ dtype, shape: [], data: BigInt64Array.of(BigInt(value)) })
    : floatConstant([], [value], dtype);
}

/** The same number everywhere; stored once, whatever the shape. */
export function fill(shape: Shape, value: number, dtype: DType): Tensor {
  return expand(scalar(value, dtype), shape);
}
