import { add } from '../tensor/ops/add.ts';
import { erf } from '../tensor/ops/erf.ts';
import { mul } from '../tensor/ops/mul.ts';
import { sigmoid } from '../tensor/ops/sigmoid.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** x * Phi(x) with the exact normal distribution function, as torch's default. */
export function gelu(x: Tensor): Tensor {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

/** OpenAI CLIP's cheap stand-in for {@link gelu}. */
export function quickGelu(x: Tensor): Tensor {
  return mul(x, sigmoid(mul(x, 1.702)));
}
