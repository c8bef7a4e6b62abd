import { chunkedAttention } from '../nn/attention.ts';
import { conv } from '../nn/conv.ts';
import { linear } from '../nn/linear.ts';
import { groupNorm } from '../nn/norm.ts';
import { downsample, upsample } from '../nn/resample.ts';
import { resnetBlock } from '../nn/resnetBlock.ts';
import { toPicture, toTokens } from '../nn/transformerBlock.ts';
import { type Weights, within } from '../nn/weights.ts';
import { add } from '../tensor/ops/add.ts';
import { clip } from '../tensor/ops/clip.ts';
import { silu } from '../tensor/ops/silu.ts';
import { slice } from '../tensor/ops/slice.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { AutoencoderConfig } from './config.ts';

/** AutoencoderKL of diffusers 0.17 fixes it, whatever config.json says. */
const epsilon = 1e-6;

/** A Gaussian over latents, not yet multiplied by the scaling factor: [batch, latentChannels, height, width] each. */
export interface LatentDistribution {
  readonly mean: Tensor;
  /** Logarithm of the variance, between -30 and 20. */
  readonly logvar: Tensor;
}

/** Encodes pictures [batch, 3, height, width] in [-1, 1]; height and width are multiples of the downsampling factor. */
export function encodeImage(
  weights: Weights,
  config: AutoencoderConfig,
  image: Tensor,
): LatentDistribution {
  const { latentChannels } = config;
  const hidden = encoder(within(weights, 'encoder'), config, image);
  const moments = conv(weights, 'quant_conv', hidden, 2 * latentChannels, { kernel: 1 });
  return {
    mean: slice(moments, 1, 0, latentChannels),
    logvar: clip(slice(moments, 1, latentChannels, 2 * latentChannels), -30, 20),
  };
}

/** Decodes latents that were divided by the scaling factor: pictures [batch, 3, ...], nominally in [-1, 1]. */
export function decodeLatent(weights: Weights, config: AutoencoderConfig, latent: Tensor): Tensor {
  const entered = conv(weights, 'post_quant_conv', latent, config.latentChannels, { kernel: 1 });
  return decoder(within(weights, 'decoder'), config, entered);
}

function encoder(weights: Weights, config: AutoencoderConfig, image: Tensor): Tensor {
  const { blockOutChannels, layersPerBlock, latentChannels } = config;
  let hidden = conv(weights, 'conv_in', image, blockOutChannels[0]);
  for (const [block, channels] of blockOutChannels.entries()) {
    hidden = resnets(weights, config, `down_blocks.${block}`, hidden, channels, layersPerBlock);
    if (block < blockOutChannels.length - 1) {
      hidden = downsample(weights, `down_blocks.${block}`, hidden, 0);
    }
  }
  return leave(weights, config, midBlock(weights, config, hidden), 2 * latentChannels);
}

function decoder(weights: Weights, config: AutoencoderConfig, latent: Tensor): Tensor {
  const coarsestFirst = config.blockOutChannels.toReversed();
  let hidden = conv(weights, 'conv_in', latent, coarsestFirst[0]);
  hidden = midBlock(weights, config, hidden);
  for (const [block, channels] of coarsestFirst.entries()) {
    const layers = config.layersPerBlock + 1;
    hidden = resnets(weights, config, `up_blocks.${block}`, hidden, channels, layers);
    if (block < coarsestFirst.length - 1) hidden = upsample(weights, `up_blocks.${block}`, hidden);
  }
  return leave(weights, config, hidden, config.outChannels);
}

function resnets(
  weights: Weights,
  config: AutoencoderConfig,
  key: string,
  x: Tensor,
  channels: number,
  layers: number,
): Tensor {
  let hidden = x;
  for (let layer = 0; layer < layers; layer++) {
    const norm = { groups: config.normNumGroups, epsilon };
    hidden = resnetBlock(weights, `${key}.resnets.${layer}`, hidden, channels, norm);
  }
  return hidden;
}

function midBlock(weights: Weights, config: AutoencoderConfig, x: Tensor): Tensor {
  const norm = { groups: config.normNumGroups, epsilon };
  const channels = x.shape[1];
  let hidden = resnetBlock(weights, 'mid_block.resnets.0', x, channels, norm);
  hidden = selfAttention(within(weights, 'mid_block.attentions.0'), config, hidden);
  return resnetBlock(weights, 'mid_block.resnets.1', hidden, channels, norm);
}

function selfAttention(weights: Weights, config: AutoencoderConfig, x: Tensor): Tensor {
  const tokens = toTokens(groupNorm(weights, 'group_norm', x, config.normNumGroups, epsilon));
  const project = (key: string, from: Tensor) => linear(weights, key, from, x.shape[1]);
  const [query, key, value] = ['to_q', 'to_k', 'to_v'].map((name) => project(name, tokens));
  const output = chunkedAttention(query, key, value, 1);
  return add(toPicture(project('to_out.0', output), x), x);
}

function leave(
  weights: Weights,
  config: AutoencoderConfig,
  x: Tensor,
  outChannels: number,
): Tensor {
  const hidden = groupNorm(weights, 'conv_norm_out', x, config.normNumGroups, epsilon);
  return conv(weights, 'conv_out', silu(hidden), outChannels);
}
