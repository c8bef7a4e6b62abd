import type { Weights } from '../nn/weights.ts';
import { cast } from '../tensor/ops/cast.ts';
import { weight } from '../tensor/ops/weight.ts';
import { widen } from '../tensor/ops/widen.ts';
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts';
import type { DType, Tensor, WeightLocation } from '../tensor/tensor.ts';

/** A weight as it lies in a file. */
export interface StoredWeight {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly location: WeightLocation;
}

/** Bytes of a model's narrow floats up to which float32 copies of them are made once and kept. */
const largestKept = 2 ** 27;

/**
 * Weights of a model, referenced in place. Narrow floats are widened inside the graph; those of a large model anew in
 * each run, so that they are held in the size of their file.
 *
 * @param owner names the model in messages, for example the checkpoint's path and 'unet'
 * @param largest bytes of narrow floats up to which the model does not count as large
 */
export function bindWeights(
  table: ReadonlyMap<string, StoredWeight>,
  owner: string,
  largest: number = largestKept,
): Weights {
  const narrowBytes = table
    .values()
    .filter(isNarrow)
    .reduce((sum, { location }) => sum + location.byteLength, 0);
  const toFloat32 = (stored: Tensor) =>
    isNarrow(stored) && narrowBytes > largest ? widen(stored) : cast(stored, 'float32');
  const bound = new Map<string, Tensor>();
  const bind = (key: string, shape: Shape): Tensor => {
    const stored = table.get(key);
    if (!stored) throw new Error(`${owner}: weight '${key}' is missing`);
    if (!sameShape(stored.shape, shape)) {
      const shapes = `${formatShape(stored.shape)}, expected ${formatShape(shape)}`;
      throw new Error(`${owner}: weight '${key}' is ${shapes}`);
    }
    return toFloat32(weight(key, shape, stored.dtype, stored.location));
  };
  return {
    get: (key, shape) => {
      const known = bound.get(key) ?? bind(key, shape);
      bound.set(key, known);
      return known;
    },
    lora: () => undefined,
  };
}

function isNarrow({ dtype }: { readonly dtype: DType }): boolean {
  return dtype === 'float16' || dtype === 'bfloat16';
}
