import { apply, type DType, type OpRule, type Tensor } from '../tensor.ts';

type CastAttributes = { readonly dtype: DType };

/** TensorProto.DataType of ONNX 1.17. */
export const onnxDataType: Readonly<Record<DType, number>> = {
  float32: 1,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

const rule: OpRule<CastAttributes> = {
  op: 'cast',
  infer: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  vjp: ({ inputs: [x] }, [gradient]) => [
    gradient && isReal(x.dtype) ? cast(gradient, x.dtype) : undefined,
  ],
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'Cast',
      inputs: [emitter.name(inputs[0])],
      outputs: [emitter.name(outputs[0])],
      attributes: { to: { int: onnxDataType[attributes.dtype] } },
    }),
};

/** x in another element type; x itself where it has that type already. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : apply(rule, [x], { dtype });
}

function isReal(dtype: DType): boolean {
  return dtype !== 'int64' && dtype !== 'bool';
}
