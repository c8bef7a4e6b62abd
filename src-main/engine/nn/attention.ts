import { add } from '../tensor/ops/add.ts';
import { concat } from '../tensor/ops/concat.ts';
import { matmul } from '../tensor/ops/matmul.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { slice } from '../tensor/ops/slice.ts';
import { softmax } from '../tensor/ops/softmax.ts';
import { stopGradient } from '../tensor/ops/stopGradient.ts';
import { transpose } from '../tensor/ops/transpose.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface AttentionResult {
  /** [batch, queries, channels] */
  readonly output: Tensor;
  /** Softmax of the scores: [batch, heads, queries, keys]. */
  readonly probabilities: Tensor;
}

/**
 * Multi-head scaled dot-product attention of query [batch, queries, channels], key and value [batch, keys, channels].
 *
 * @param mask added to the scores before the softmax; broadcasts to [batch, heads, queries, keys]
 */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  heads: number,
  mask?: Tensor,
): AttentionResult {
  const [batch, queries, channels] = query.shape;
  const scores = matmul(splitHeads(query, heads), splitHeads(key, heads), {
    transposeB: true,
    scale: 1 / Math.sqrt(channels / heads),
  }); // [batch, heads, queries, keys]
  const probabilities = softmax(mask ? add(scores, mask) : scores);
  const mixed = matmul(probabilities, splitHeads(value, heads)); // [batch, heads, queries, headDim]
  // [batch, heads, queries, headDim] -> [batch, queries, channels]
  const output = reshape(transpose(mixed, [0, 2, 1, 3]), [batch, queries, channels]);
  return { output, probabilities };
}

/** Lets no gradient into the first token's row of [batch, tokens, channels]. */
export function detachFirstToken(x: Tensor): Tensor {
  return concat([stopGradient(slice(x, 1, 0, 1)), slice(x, 1, 1, x.shape[1])], 1);
}

function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, tokens, channels] = x.shape;
  // [batch, tokens, channels] -> [batch, tokens, heads, headDim] -> [batch, heads, tokens, headDim]
  return transpose(reshape(x, [batch, tokens, heads, channels / heads]), [0, 2, 1, 3]);
}
