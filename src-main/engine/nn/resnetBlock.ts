import { add } from '../tensor/ops/add.ts';
import { recompute } from '../tensor/ops/recompute.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { silu } from '../tensor/ops/silu.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { conv } from './conv.ts';
import { linear } from './linear.ts';
import { groupNorm } from './norm.ts';
import { type Weights, within } from './weights.ts';

export interface NormOptions {
  readonly groups: number;
  readonly epsilon: number;
  /** Computes what lies between the convolutions once more in the backward pass instead of keeping it. */
  readonly recompute?: boolean;
}

/**
 * ResnetBlock2D of diffusers 0.17: [batch, in, height, width] -> [batch, outChannels, height, width].
 *
 * @param timeEmbedding [batch, width] already through SiLU; the autoencoder has none
 */
export function resnetBlock(
  weights: Weights,
  key: string,
  x: Tensor,
  outChannels: number,
  norm: NormOptions,
  timeEmbedding?: Tensor,
): Tensor {
  const own = within(weights, key);
  let hidden = normalizeAndActivate(own, 'norm1', x, norm);
  hidden = conv(own, 'conv1', hidden, outChannels);
  if (timeEmbedding) {
    const shift = linear(own, 'time_emb_proj', timeEmbedding, outChannels);
    // [batch, channels] -> [batch, channels, 1, 1]
    hidden = add(hidden, reshape(shift, [...shift.shape, 1, 1]));
  }
  hidden = normalizeAndActivate(own, 'norm2', hidden, norm);
  hidden = conv(own, 'conv2', hidden, outChannels);
  const shortcut =
    x.shape[1] === outChannels ? x : conv(own, 'conv_shortcut', x, outChannels, { kernel: 1 });
  return add(shortcut, hidden);
}

function normalizeAndActivate(
  weights: Weights,
  key: string,
  x: Tensor,
  { groups, epsilon, recompute: again = false }: NormOptions,
): Tensor {
  const build = (hidden: Tensor) => silu(groupNorm(weights, key, hidden, groups, epsilon));
  return again ? recompute([x], build) : build(x);
}
