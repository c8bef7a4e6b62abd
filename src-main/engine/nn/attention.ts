import { add } from '../tensor/ops/add.ts';
import { concat } from '../tensor/ops/concat.ts';
import { matmul } from '../tensor/ops/matmul.ts';
import { recompute } from '../tensor/ops/recompute.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { slice } from '../tensor/ops/slice.ts';
import { softmax } from '../tensor/ops/softmax.ts';
import { stopGradient } from '../tensor/ops/stopGradient.ts';
import { transpose } from '../tensor/ops/transpose.ts';
import { after } from '../tensor/rebuild.ts';
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
  const probabilities = attend(splitHeads(query, heads), splitHeads(key, heads), mask);
  const output = joinHeads(matmul(probabilities, splitHeads(value, heads)));
  return { output, probabilities };
}

/** Scores of a chunk of {@link chunkedAttention}: 32 MiB of float32. */
const largestChunk = 2 ** 23;

/**
 * {@link attention} without its probabilities, which are as many as the square of the tokens: chunks of the queries are
 * mixed one after the other, and computed once more in the backward pass instead of being kept.
 *
 * @param largest scores that may lie in memory at once
 */
export function chunkedAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  heads: number,
  largest: number = largestChunk,
): Tensor {
  const [batch, queries] = query.shape;
  const rows = Math.max(1, Math.floor(largest / (batch * heads * key.shape[1])));
  if (rows >= queries) return attention(query, key, value, heads).output;
  const [keys, values] = [splitHeads(key, heads), splitHeads(value, heads)];
  const chunks: Tensor[] = [];
  for (let start = 0; start < queries; start += rows) {
    const chunk = slice(query, 1, start, Math.min(start + rows, queries));
    const previous = chunks.at(-1);
    const own = splitHeads(previous ? after(chunk, previous) : chunk, heads);
    chunks.push(recompute([own, keys, values], (q, k, v) => joinHeads(matmul(attend(q, k), v))));
  }
  return concat(chunks, 1);
}

/** Softmax of the scaled scores of query and key [batch, heads, tokens, headDim]: [batch, heads, queries, keys]. */
function attend(query: Tensor, key: Tensor, mask?: Tensor): Tensor {
  const scale = 1 / Math.sqrt(query.shape[3]);
  const scores = matmul(query, key, { transposeB: true, scale });
  return softmax(mask ? add(scores, mask) : scores);
}

/** Lets no gradient into the first token's row of [batch, tokens, channels]. */
export function detachFirstToken(x: Tensor): Tensor {
  return concat([stopGradient(slice(x, 1, 0, 1)), slice(x, 1, 1, x.shape[1])], 1);
}

/** [batch, heads, tokens, headDim] -> [batch, tokens, channels] */
function joinHeads(x: Tensor): Tensor {
  const [batch, heads, tokens, headDim] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * headDim]);
}

function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, tokens, channels] = x.shape;
  // [batch, tokens, channels] -> [batch, tokens, heads, headDim] -> [batch, heads, tokens, headDim]
  return transpose(reshape(x, [batch, tokens, heads, channels / heads]), [0, 2, 1, 3]);
}
