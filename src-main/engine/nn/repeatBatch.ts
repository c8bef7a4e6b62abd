import { concat } from '../tensor/ops/concat.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The values of a batch one after the other until there are `batch` of them: [pictures, ...] -> [batch, ...]. */
export function repeatBatch(x: Tensor, batch: number): Tensor {
  const times = batch / x.shape[0];
  if (!Number.isInteger(times) || times < 1) {
    throw new Error(`a batch of ${x.shape[0]} cannot be repeated to one of ${batch}`);
  }
  return times === 1 ? x : concat(new Array<Tensor>(times).fill(x), 0);
}
