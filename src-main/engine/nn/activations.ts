import { mul } from '../tensor/ops/mul.ts';
import { sigmoid } from '../tensor/ops/sigmoid.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** OpenAI CLIP's cheap stand-in for the exact GELU. */
export function quickGelu(x: Tensor): Tensor {
  return mul(x, sigmoid(mul(x, 1.702)));
}
