import { layerNorm } from '../nn/norm.ts';
import { type Weights, within } from '../nn/weights.ts';
import { add } from '../tensor/ops/add.ts';
import { concat } from '../tensor/ops/concat.ts';
import { fill, floatConstant, scalar } from '../tensor/ops/constant.ts';
import { gather } from '../tensor/ops/gather.ts';
import { greaterOrEqual } from '../tensor/ops/greaterOrEqual.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { slice } from '../tensor/ops/slice.ts';
import { sub } from '../tensor/ops/sub.ts';
import { where } from '../tensor/ops/where.ts';
import type { DType, Tensor } from '../tensor/tensor.ts';
import type { TextEncoderConfig } from './clipConfig.ts';
import { clipEncoder } from './clipEncoder.ts';

/**
 * Token plus position embeddings of prompts: ids [batch, tokens] -> [batch, tokens, hiddenSize].
 * An id at or beyond the vocabulary names a row of `placeholderRows` [k, hiddenSize]: id - vocabSize. So the vocabulary
 * table stays in its file however many words are learned.
 */
export function embedTokens(
  weights: Weights,
  config: TextEncoderConfig,
  tokenIds: Tensor,
  placeholderRows?: Tensor,
): Tensor {
  const { vocabSize, hiddenSize, maxPositionEmbeddings } = config;
  const own = within(weights, 'text_model.embeddings');
  const table = own.get('token_embedding.weight', [vocabSize, hiddenSize]);
  const positions = own.get('position_embedding.weight', [maxPositionEmbeddings, hiddenSize]);
  const tokens = placeholderRows
    ? gatherBoth(table, placeholderRows, tokenIds)
    : gather(table, tokenIds);
  return add(tokens, slice(positions, 0, 0, tokenIds.shape[1]));
}

/** Rows of two tables under one numbering. Each table has a row to look up where the other is meant: zeros, and row 0. */
function gatherBoth(vocabulary: Tensor, placeholders: Tensor, ids: Tensor): Tensor {
  const vocabSize = vocabulary.shape[0];
  const isPlaceholder = greaterOrEqual(ids, vocabSize);
  const zero = scalar(0, 'int64');
  const fromVocabulary = gather(vocabulary, where(isPlaceholder, zero, ids));
  const zeroRow = fill([1, placeholders.shape[1]], 0, placeholders.dtype);
  const rowIndex = where(isPlaceholder, sub(ids, vocabSize - 1), zero);
  const fromPlaceholders = gather(concat([zeroRow, placeholders], 0), rowIndex);
  const keep = where(isPlaceholder, scalar(0, vocabulary.dtype), scalar(1, vocabulary.dtype)); // [batch, tokens]
  // [batch, tokens] -> [batch, tokens, 1]
  return add(mul(fromVocabulary, reshape(keep, [...keep.shape, 1])), fromPlaceholders);
}

export interface TextEncoding {
  /** After the last layer and the final norm: [batch, tokens, hiddenSize]. */
  readonly lastHiddenState: Tensor;
  /** 0: the input embeddings; k: the output of layer k, without the final norm. */
  readonly hiddenStates: readonly Tensor[];
}

/**
 * CLIP's text transformer (openai/CLIP; CLIPTextModel of transformers 4.31) on input embeddings
 * [batch, tokens, hiddenSize]. SD 2 wants the normed penultimate layer of OpenCLIP's stack; its checkpoints leave the
 * last layer out, so that the last hidden state is just that.
 */
export function clipText(
  weights: Weights,
  config: TextEncoderConfig,
  inputEmbeddings: Tensor,
): TextEncoding {
  const mask = causalMask(inputEmbeddings.shape[1], inputEmbeddings.dtype);
  const own = within(weights, 'text_model.encoder');
  const hiddenStates = clipEncoder(own, config, inputEmbeddings, mask);
  const lastHiddenState = finalLayerNorm(weights, config, hiddenStates[config.hiddenLayers]);
  return { lastHiddenState, hiddenStates };
}

/** The norm that ends the stack, on any of its hidden states ("clip skip"). */
export function finalLayerNorm(
  weights: Weights,
  config: TextEncoderConfig,
  hidden: Tensor,
): Tensor {
  return layerNorm(weights, 'text_model.final_layer_norm', hidden, config.layerNormEps);
}

/** [tokens, tokens]: a token sees itself and those before it. */
function causalMask(tokens: number, dtype: DType): Tensor {
  const values = Array.from({ length: tokens * tokens }, (_, index) =>
    index % tokens > Math.floor(index / tokens) ? -1e9 : 0,
  );
  return floatConstant([tokens, tokens], values, dtype);
}
