import { add } from '../tensor/ops/add.ts';
import { gelu } from '../tensor/ops/gelu.ts';
import { mul } from '../tensor/ops/mul.ts';
import { recompute } from '../tensor/ops/recompute.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { transpose } from '../tensor/ops/transpose.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { attentionProbabilities, chunkedAttention, detachFirstToken } from './attention.ts';
import { conv } from './conv.ts';
import { linear, linearHalves } from './linear.ts';
import { groupNorm, layerNorm } from './norm.ts';
import { repeatBatch } from './repeatBatch.ts';
import { type Weights, within } from './weights.ts';

export interface TransformerOptions {
  readonly heads: number;
  readonly groups: number;
  /** proj_in and proj_out as linear layers (SD 2) instead of 1 x 1 convolutions (SD 1). */
  readonly useLinearProjection: boolean;
  /** Custom Diffusion: no gradient through key and value of the first token. */
  readonly detachFirstToken: boolean;
  /** Computes the gated activations once more in the backward pass instead of keeping them. */
  readonly recompute: boolean;
}

export interface TransformerResult {
  readonly output: Tensor;
  /** Cross-attention probabilities [batch, heads, height * width, tokens]. */
  readonly probabilities: Tensor;
}

/** Transformer2DModel of diffusers 0.17 fixes these, whatever config.json says. */
const groupNormEpsilon = 1e-6;
const layerNormEpsilon = 1e-5;

/**
 * Transformer2DModel with one block (diffusers 0.17): picture [pictures, channels, height, width] attends to itself and
 * to the text [batch, tokens, width], whose batch holds one prompt after the other for all pictures.
 */
export function spatialTransformer(
  weights: Weights,
  key: string,
  x: Tensor,
  text: Tensor,
  options: TransformerOptions,
): TransformerResult {
  const own = within(weights, key);
  const normalized = groupNorm(own, 'norm', x, options.groups, groupNormEpsilon);
  const block = within(own, 'transformer_blocks.0');
  const entered = enter(own, normalized, options.useLinearProjection);
  const { output, probabilities } = transformerBlock(block, entered, text, options);
  const entering = repeatBatch(x, text.shape[0]);
  const left = leave(own, output, entering, options.useLinearProjection);
  return { output: add(left, entering), probabilities };
}

function enter(weights: Weights, x: Tensor, useLinearProjection: boolean): Tensor {
  const channels = x.shape[1];
  return useLinearProjection
    ? linear(weights, 'proj_in', toTokens(x), channels)
    : toTokens(conv(weights, 'proj_in', x, channels, { kernel: 1 }));
}

function leave(
  weights: Weights,
  tokens: Tensor,
  like: Tensor,
  useLinearProjection: boolean,
): Tensor {
  const channels = like.shape[1];
  return useLinearProjection
    ? toPicture(linear(weights, 'proj_out', tokens, channels), like)
    : conv(weights, 'proj_out', toPicture(tokens, like), channels, { kernel: 1 });
}

/** [batch, channels, height, width] -> [batch, height * width, channels] */
export function toTokens(x: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape;
  return transpose(reshape(x, [batch, channels, height * width]), [0, 2, 1]);
}

/** [batch, height * width, channels] -> [batch, channels, height, width] of the picture it came from */
export function toPicture(tokens: Tensor, like: Tensor): Tensor {
  return reshape(transpose(tokens, [0, 2, 1]), like.shape);
}

/** BasicTransformerBlock: self-attention, cross-attention and GEGLU feed-forward, each on a normalised residual. */
function transformerBlock(
  weights: Weights,
  x: Tensor,
  text: Tensor,
  options: TransformerOptions,
): TransformerResult {
  const norm = (key: string, value: Tensor) => layerNorm(weights, key, value, layerNormEpsilon);
  const normalized = norm('norm1', x);
  const attended = add(attendToSelf(within(weights, 'attn1'), normalized, options.heads), x);
  let hidden = repeatBatch(attended, text.shape[0]);
  const cross = crossAttention(weights, 'attn2', norm('norm2', hidden), text, options);
  hidden = add(cross.output, hidden);
  hidden = add(feedForward(weights, norm('norm3', hidden), options), hidden);
  return { output: hidden, probabilities: cross.probabilities };
}

function attendToSelf(weights: Weights, x: Tensor, heads: number): Tensor {
  const [query, key, value] = ['to_q', 'to_k', 'to_v'].map((name) =>
    linear(weights, name, x, x.shape[2], { bias: false }),
  );
  return linear(weights, 'to_out.0', chunkedAttention(query, key, value, heads), x.shape[2]);
}

function crossAttention(
  weights: Weights,
  key: string,
  x: Tensor,
  context: Tensor,
  options: TransformerOptions,
): TransformerResult {
  const own = within(weights, key);
  const channels = x.shape[2];
  const project = (name: string, from: Tensor) =>
    linear(own, name, from, channels, { bias: false });
  const detach = options.detachFirstToken ? detachFirstToken : (value: Tensor) => value;
  const query = project('to_q', x);
  const [keys, values] = ['to_k', 'to_v'].map((name) => detach(project(name, context)));
  const output = chunkedAttention(query, keys, values, options.heads);
  return {
    output: linear(own, 'to_out.0', output, channels),
    probabilities: attentionProbabilities(query, keys, options.heads),
  };
}

function feedForward(weights: Weights, x: Tensor, options: TransformerOptions): Tensor {
  const channels = x.shape[2];
  const halves = linearHalves(weights, 'ff.net.0.proj', x, 4 * channels);
  const gated = options.recompute ? recompute(halves, gate) : gate(...halves);
  return linear(weights, 'ff.net.2', gated, channels);
}

/** GEGLU of value and gate [batch, tokens, inner]. */
function gate(value: Tensor, gating: Tensor): Tensor {
  return mul(value, gelu(gating));
}
