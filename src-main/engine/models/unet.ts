import { conv } from '../nn/conv.ts';
import { linear } from '../nn/linear.ts';
import { groupNorm } from '../nn/norm.ts';
import { repeatBatch } from '../nn/repeatBatch.ts';
import { downsample, upsample } from '../nn/resample.ts';
import { resnetBlock } from '../nn/resnetBlock.ts';
import { timestepEmbedding } from '../nn/timestepEmbedding.ts';
import { spatialTransformer } from '../nn/transformerBlock.ts';
import type { Weights } from '../nn/weights.ts';
import { concat } from '../tensor/ops/concat.ts';
import { mul } from '../tensor/ops/mul.ts';
import { recompute } from '../tensor/ops/recompute.ts';
import { silu } from '../tensor/ops/silu.ts';
import { sub } from '../tensor/ops/sub.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { UNetConfig } from './config.ts';

export interface UNetInputs {
  /** Noised latents as the model takes them: [pictures, inChannels, height, width]. */
  readonly sample: Tensor;
  /** [pictures], 0 to the number of training timesteps; fractions are allowed. */
  readonly timesteps: Tensor;
  /**
   * [batch, tokens, crossAttentionDim]: a prompt for every picture, then perhaps another one for every picture, as
   * classifier-free guidance needs them. What lies before the first cross-attention is then computed once per picture.
   */
  readonly encoderHiddenStates: Tensor;
  /** Custom Diffusion: no gradient through key and value of the first token (arXiv 2212.04488, released code). */
  readonly detachFirstToken?: boolean;
  readonly recompute?: Recompute;
}

/**
 * What the backward pass computes once more instead of keeping it. 'activations': norms, activations and gates, which
 * cost little. 'blocks': all but what goes from block to block, and there are no attention maps.
 */
export type Recompute = 'nothing' | 'activations' | 'blocks';

/** Where in the UNet a block stands. */
export type UNetPlace = 'down' | 'mid' | 'up';

/** What one cross-attention layer looked at. */
export interface AttentionMap {
  readonly place: UNetPlace;
  /** Which of the blocks of its place, in execution order. */
  readonly block: number;
  /** Which of the block's transformers. */
  readonly layer: number;
  /** Softmax probabilities [batch, heads, height * width, tokens]. */
  readonly probabilities: Tensor;
  /** Size of the map, in latent pixels of the layer's level. */
  readonly height: number;
  readonly width: number;
}

export interface UNetResult {
  /** Epsilon or v: [batch, outChannels, height, width]. */
  readonly prediction: Tensor;
  /** Every cross-attention in execution order. */
  readonly attentionMaps: readonly AttentionMap[];
}

/** UNet2DConditionModel of diffusers 0.17 for SD 1.x and 2.x. */
export function unet(weights: Weights, config: UNetConfig, inputs: UNetInputs): UNetResult {
  const pass = new UNetPass(weights, config, inputs);
  const prediction = pass.run(inputs.sample);
  return { prediction, attentionMaps: pass.attentionMaps };
}

/** Embedding of timesteps [batch] that every resnet block receives: [batch, 4 * blockOutChannels[0]]. */
export function timeEmbedding(weights: Weights, config: UNetConfig, timesteps: Tensor): Tensor {
  const [base] = config.blockOutChannels;
  const width = 4 * base;
  const sinusoidal = timestepEmbedding(timesteps, base, config);
  const hidden = silu(linear(weights, 'time_embedding.linear_1', sinusoidal, width));
  return linear(weights, 'time_embedding.linear_2', hidden, width);
}

/** Keys of all cross-attention layers, such as `mid_block.attentions.0.transformer_blocks.0.attn2`. */
export function crossAttentionKeys(config: UNetConfig): string[] {
  return transformerKeys(config).map((key) => `${key}.transformer_blocks.0.attn2`);
}

/** Keys of all attention layers, self-attention (attn1) before cross-attention (attn2). */
export function attentionKeys(config: UNetConfig): string[] {
  return transformerKeys(config).flatMap((key) =>
    ['attn1', 'attn2'].map((name) => `${key}.transformer_blocks.0.${name}`),
  );
}

function transformerKeys(config: UNetConfig): string[] {
  const { downBlockTypes, upBlockTypes, layersPerBlock } = config;
  const inBlocks = (place: string, types: readonly string[], layers: number) =>
    types.flatMap((type, block) =>
      type.startsWith('CrossAttn')
        ? Array.from({ length: layers }, (_, layer) => `${place}.${block}.attentions.${layer}`)
        : [],
    );
  return [
    ...inBlocks('down_blocks', downBlockTypes, layersPerBlock),
    'mid_block.attentions.0',
    ...inBlocks('up_blocks', upBlockTypes, layersPerBlock + 1),
  ];
}

/** One walk through the network, which gathers the attention maps on its way. */
class UNetPass {
  readonly attentionMaps: AttentionMap[] = [];
  readonly #weights: Weights;
  readonly #config: UNetConfig;
  readonly #text: Tensor;
  readonly #activatedTime: Tensor;
  readonly #detachFirstToken: boolean;
  readonly #recompute: Recompute;

  constructor(weights: Weights, config: UNetConfig, inputs: UNetInputs) {
    this.#weights = weights;
    this.#config = config;
    this.#text = inputs.encoderHiddenStates;
    this.#activatedTime = silu(timeEmbedding(weights, config, inputs.timesteps));
    this.#detachFirstToken = inputs.detachFirstToken ?? false;
    this.#recompute = inputs.recompute ?? 'nothing';
  }

  run(sample: Tensor): Tensor {
    const { blockOutChannels, centerInputSample, outChannels } = this.#config;
    const centred = centerInputSample ? sub(mul(sample, 2), 1) : sample;
    const skips = [conv(this.#weights, 'conv_in', centred, blockOutChannels[0])];
    this.#down(skips);
    let hidden = this.#mid(skips[skips.length - 1]);
    hidden = this.#up(hidden, skips);
    const { normNumGroups, normEps } = this.#config;
    hidden = silu(groupNorm(this.#weights, 'conv_norm_out', hidden, normNumGroups, normEps));
    return conv(this.#weights, 'conv_out', hidden, outChannels);
  }

  /** Leaves the output of every layer in `skips`. */
  #down(skips: Tensor[]): void {
    const { blockOutChannels, downBlockTypes, layersPerBlock, downsamplePadding } = this.#config;
    for (const [block, channels] of blockOutChannels.entries()) {
      const key = `down_blocks.${block}`;
      for (let layer = 0; layer < layersPerBlock; layer++) {
        let hidden = this.#resnet(`${key}.resnets.${layer}`, skips[skips.length - 1], channels);
        if (downBlockTypes[block] === 'CrossAttnDownBlock2D') {
          hidden = this.#transformer(
            'down',
            block,
            layer,
            hidden,
            this.#config.attentionHeads[block],
          );
        }
        skips.push(hidden);
      }
      if (block < blockOutChannels.length - 1) {
        skips.push(downsample(this.#weights, key, skips[skips.length - 1], downsamplePadding));
      }
    }
  }

  #mid(x: Tensor): Tensor {
    const channels = x.shape[1];
    const heads = this.#config.attentionHeads[this.#config.attentionHeads.length - 1];
    let hidden = this.#resnet('mid_block.resnets.0', x, channels);
    hidden = this.#transformer('mid', 0, 0, hidden, heads);
    return this.#resnet('mid_block.resnets.1', hidden, channels);
  }

  /** Takes the skips back, last one first. */
  #up(x: Tensor, skips: Tensor[]): Tensor {
    const { blockOutChannels, upBlockTypes, layersPerBlock } = this.#config;
    const levels = blockOutChannels.length;
    let hidden = x;
    for (const [block, type] of upBlockTypes.entries()) {
      const level = levels - 1 - block;
      for (let layer = 0; layer <= layersPerBlock; layer++) {
        const joined = concat([hidden, repeatBatch(this.#takeSkip(skips), hidden.shape[0])], 1);
        const key = `up_blocks.${block}.resnets.${layer}`;
        hidden = this.#resnet(key, joined, blockOutChannels[level]);
        if (type === 'CrossAttnUpBlock2D') {
          hidden = this.#transformer(
            'up',
            block,
            layer,
            hidden,
            this.#config.attentionHeads[level],
          );
        }
      }
      if (block < levels - 1) {
        // the finer level may have an odd size, which doubling does not give
        const [, , height, width] = skips[skips.length - 1].shape;
        hidden = upsample(this.#weights, `up_blocks.${block}`, hidden, {
          size: [height, width],
          makesKernels: this.#recompute === 'nothing',
        });
      }
    }
    return hidden;
  }

  #takeSkip(skips: Tensor[]): Tensor {
    const skip = skips.pop();
    if (!skip) throw new Error('unet: the up blocks ask for more skips than the down blocks left');
    return skip;
  }

  #resnet(key: string, x: Tensor, channels: number): Tensor {
    const norm = {
      groups: this.#config.normNumGroups,
      epsilon: this.#config.normEps,
      recompute: this.#recompute === 'activations',
    };
    const build = (hidden: Tensor, time: Tensor) =>
      resnetBlock(this.#weights, key, hidden, channels, norm, time);
    const sources = [x, repeatBatch(this.#activatedTime, x.shape[0])] as const;
    return this.#recompute === 'blocks' ? recompute(sources, build) : build(...sources);
  }

  #transformer(place: UNetPlace, block: number, layer: number, x: Tensor, heads: number): Tensor {
    const parent = place === 'mid' ? 'mid_block' : `${place}_blocks.${block}`;
    const key = `${parent}.attentions.${layer}`;
    const build = (hidden: Tensor, text: Tensor) =>
      spatialTransformer(this.#weights, key, hidden, text, {
        heads,
        groups: this.#config.normNumGroups,
        useLinearProjection: this.#config.useLinearProjection,
        detachFirstToken: this.#detachFirstToken,
        recompute: this.#recompute === 'activations',
      });
    if (this.#recompute === 'blocks') {
      return recompute([x, this.#text], (hidden, text) => build(hidden, text).output);
    }
    const { output, probabilities } = build(x, this.#text);
    const [, , height, width] = x.shape;
    this.attentionMaps.push({ place, block, layer, probabilities, height, width });
    return output;
  }
}
