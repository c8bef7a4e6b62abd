import type { Weights } from '../nn/weights.ts';
import { cast } from '../tensor/ops/cast.ts';
import { weight } from '../tensor/ops/weight.ts';
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts';
import type { DType, Tensor, WeightLocation } from '../tensor/tensor.ts';

/** A weight as it lies in a file. */
export interface StoredWeight {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly location: WeightLocation;
}

/**
 * Weights of a model, referenced in place. Narrow floats are widened inside the graph.
 *
 * @param owner names the model in messages, for example the checkpoint's path and 'unet'
 */
export function bindWeights(table: ReadonlyMap<string, StoredWeight>, owner: string): Weights {
  const bound = new Map<string, Tensor>();
  const bind = (key: string, shape: Shape): Tensor => {
    const stored = table.get(key);
    if (!stored) throw new Error(`${owner}: weight '${key}' is missing`);
    if (!sameShape(stored.shape, shape)) {
      const shapes = `${formatShape(stored.shape)}, expected ${formatShape(shape)}`;
      throw new Error(`${owner}: weight '${key}' is ${shapes}`);
    }
    return cast(weight(key, shape, stored.dtype, stored.location), 'float32');
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
