import { add } from '../tensor/ops/add.ts';
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
  { groups, epsilon }: NormOptions,
  timeEmbedding?: Tensor,
): Tensor {
  const own = within(weights, key);
  let hidden = silu(groupNorm(own, 'norm1', x, groups, epsilon));
  hidden = conv(own, 'conv1', hidden, outChannels);
  if (timeEmbedding) {
    const shift = linear(own, 'time_emb_proj', timeEmbedding, outChannels);
    // [batch, channels] -> [batch, channels, 1, 1]
    hidden = add(hidden, reshape(shift, [...shift.shape, 1, 1]));
  }
  hidden = silu(groupNorm(own, 'norm2', hidden, groups, epsilon));
  hidden = conv(own, 'conv2', hidden, outChannels);
  const shortcut =
    x.shape[1] === outChannels ? x : conv(own, 'conv_shortcut', x, outChannels, { kernel: 1 });
  return add(shortcut, hidden);
}
