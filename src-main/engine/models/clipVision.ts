import { linear } from '../nn/linear.ts';
import { layerNorm } from '../nn/norm.ts';
import { type Weights, within } from '../nn/weights.ts';
import { add } from '../tensor/ops/add.ts';
import { concat } from '../tensor/ops/concat.ts';
import { conv2d } from '../tensor/ops/conv2d.ts';
import { expand } from '../tensor/ops/expand.ts';
import { gather } from '../tensor/ops/gather.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { slice } from '../tensor/ops/slice.ts';
import { transpose } from '../tensor/ops/transpose.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ClipConfig, VisionEncoderConfig } from './clipConfig.ts';
import { clipEncoder } from './clipEncoder.ts';
import { clipText, embedTokens } from './clipText.ts';

/**
 * CLIP's embedding of pictures (CLIPModel.get_image_features of transformers 4.31), not normalised:
 * normalised pixels [batch, 3, imageSize, imageSize] -> [batch, projectionSize].
 */
export function imageEmbedding(weights: Weights, config: ClipConfig, pixels: Tensor): Tensor {
  const { hiddenSize, layerNormEps } = config.vision;
  const own = within(weights, 'vision_model');
  const entered = embedPatches(within(own, 'embeddings'), config.vision, pixels);
  // The name is misspelled in every published file.
  const hidden = layerNorm(own, 'pre_layrnorm', entered, layerNormEps);
  const layers = clipEncoder(within(own, 'encoder'), config.vision, hidden);
  const classToken = slice(layers[config.vision.hiddenLayers], 1, 0, 1); // [batch, 1, hiddenSize]
  const pooled = layerNorm(
    own,
    'post_layernorm',
    reshape(classToken, [pixels.shape[0], hiddenSize]),
    layerNormEps,
  );
  return linear(weights, 'visual_projection', pooled, config.projectionSize, { bias: false });
}

/** A learned token, then the patches by rows, each with its position: [batch, 1 + patches, hiddenSize]. */
function embedPatches(weights: Weights, config: VisionEncoderConfig, pixels: Tensor): Tensor {
  const { hiddenSize, patchSize } = config;
  const kernel = weights.get('patch_embedding.weight', [hiddenSize, 3, patchSize, patchSize]);
  const grid = conv2d(pixels, kernel, undefined, {
    stride: patchSize,
    dilation: 1,
    padding: [0, 0, 0, 0],
  });
  const [batch, , rows, columns] = grid.shape;
  // [batch, hiddenSize, rows, columns] -> [batch, patches, hiddenSize]
  const patches = transpose(reshape(grid, [batch, hiddenSize, rows * columns]), [0, 2, 1]);
  const classToken = reshape(weights.get('class_embedding', [hiddenSize]), [1, 1, hiddenSize]);
  const tokens = concat([expand(classToken, [batch, 1, hiddenSize]), patches], 1);
  return add(tokens, weights.get('position_embedding.weight', [tokens.shape[1], hiddenSize]));
}

/**
 * CLIP's embedding of texts (CLIPModel.get_text_features of transformers 4.31), not normalised.
 *
 * @param tokenIds [batch, tokens]
 * @param endIndices [batch] int64: row of each text's end token in [batch * tokens]
 * @returns [batch, projectionSize]
 */
export function textEmbedding(
  weights: Weights,
  config: ClipConfig,
  tokenIds: Tensor,
  endIndices: Tensor,
): Tensor {
  const embeddings = embedTokens(weights, config.text, tokenIds);
  const { lastHiddenState } = clipText(weights, config.text, embeddings);
  const [batch, tokens, width] = lastHiddenState.shape;
  // [batch, tokens, hiddenSize] -> [batch * tokens, hiddenSize] -> [batch, hiddenSize]
  const pooled = gather(reshape(lastHiddenState, [batch * tokens, width]), endIndices);
  return linear(weights, 'text_projection', pooled, config.projectionSize, { bias: false });
}
