import { formatShape, type Shape } from '../shape.ts';
import { apply, type DType, type OpRule, type Tensor, type WeightLocation } from '../tensor.ts';
import { describe } from '../typeInference.ts';

type WeightAttributes = {
  readonly key: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly location: WeightLocation;
};

const bytesPerElement: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  bool: 1,
};

const rule: OpRule<WeightAttributes> = {
  op: 'weight',
  infer: (_, { key, shape, dtype, location }) => {
    const expected = shape.reduce((product, size) => product * size, bytesPerElement[dtype]);
    if (expected !== location.byteLength) {
      const bytes = `${dtype} ${formatShape(shape)} needs ${expected} bytes, not ${location.byteLength}`;
      throw new Error(`weight '${key}': ${bytes}`);
    }
    return [{ shape, dtype }];
  },
  vjp: () => [],
  emit: ({ outputs, attributes }, emitter) =>
    emitter.weight(outputs[0], attributes.key, attributes.location),
};

/** Rows start..end of a weight, which lie together in its file. */
export function weightRows(x: Tensor, start: number, end: number): Tensor {
  if (x.node.op !== rule.op) throw new Error(`internal: ${describe(x)} is no weight`);
  const { key, shape, dtype, location } = x.node.attributes as WeightAttributes;
  const rowBytes = location.byteLength / shape[0];
  return weight(key, shape.with(0, end - start), dtype, {
    file: location.file,
    offset: location.offset + start * rowBytes,
    byteLength: (end - start) * rowBytes,
  });
}

/** A constant whose bytes stay where they are on disk: ONNX external data. `key` names it in messages. */
export function weight(key: string, shape: Shape, dtype: DType, location: WeightLocation): Tensor {
  return apply(rule, [], { key, shape, dtype, location });
}
