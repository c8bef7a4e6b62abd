import { add } from '../tensor/ops/add.ts';
import { after } from '../tensor/ops/after.ts';
import { concat } from '../tensor/ops/concat.ts';
import { fill } from '../tensor/ops/constant.ts';
import { customVjp } from '../tensor/ops/customVjp.ts';
import { matmul } from '../tensor/ops/matmul.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reduceSum } from '../tensor/ops/reduceSum.ts';
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
  const probabilities = attend(splitHeads(query, heads), splitHeads(key, heads), mask);
  const output = joinHeads(matmul(probabilities, splitHeads(value, heads)));
  return { output, probabilities };
}

/** Softmax of the scores of query and key [batch, tokens, channels]: [batch, heads, queries, keys]. */
export function attentionProbabilities(query: Tensor, key: Tensor, heads: number): Tensor {
  return attend(splitHeads(query, heads), splitHeads(key, heads));
}

/** Scores of a chunk of {@link chunkedAttention}: 8 MiB of float32, the fastest size (bench/operators.ts). */
const largestChunk = 2 ** 21;

/** Scores that {@link chunkedAttention} keeps for the backward pass: 4 MiB of float32. */
const largestKept = 2 ** 20;

/**
 * {@link attention} without its probabilities, which are as many as the square of the tokens. Chunks of heads and queries
 * are mixed one after the other, and where there are many scores they are computed once more in the backward pass
 * instead of being kept.
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
  const row = batch * key.shape[1]; // scores of one query and head
  if (heads * queries * row <= Math.min(largest, largestKept)) {
    return attention(query, key, value, heads).output;
  }
  const chunks = {
    heads: ranges(heads, Math.floor(largest / (queries * row))),
    queries: ranges(queries, Math.floor(largest / row)),
  };
  const sources = [query, key, value].map((x) => splitHeads(x, heads));
  const mixed = customVjp(sources, (...values) => mixChunks(values, chunks), chunkedVjp(chunks));
  return joinHeads(mixed);
}

type Range = readonly [start: number, end: number];

/** Each range of heads is taken with each of the queries. */
interface Chunks {
  readonly heads: readonly Range[];
  readonly queries: readonly Range[];
}

/** 0 to `size` in parts of `length`, which is taken as 1 at least; the last one may be shorter. */
function ranges(size: number, length: number): Range[] {
  const step = Math.max(1, length);
  return Array.from({ length: Math.ceil(size / step) }, (_, index) => {
    const start = index * step;
    return [start, Math.min(start + step, size)];
  });
}

/** Query, key and value [batch, heads, tokens, headDim]: [batch, heads, queries, headDim]. */
function mixChunks(sources: readonly Tensor[], chunks: Chunks): Tensor {
  let latest: Tensor | undefined;
  const groups = chunks.heads.map((heads) => {
    const [query, key, value] = sources.map((x) => slice(x, 1, ...heads));
    const mixed = chunks.queries.map((queries) => {
      const chunk = slice(query, 2, ...queries);
      latest = matmul(attend(latest ? after(chunk, latest) : chunk, key), value);
      return latest;
    });
    return concat(mixed, 2);
  });
  return concat(groups, 1);
}

/**
 * The backward pass of attention, chunk by chunk (FlashAttention, Dao et al. 2022, arXiv 2205.14135, algorithm 4): the
 * sum that the softmax's gradient takes over the keys is that of output and gradient over the channels. As one more
 * channel it is subtracted by the matrix product itself, which saves a pass over the scores.
 */
function chunkedVjp(chunks: Chunks) {
  return ([query, key, value]: readonly Tensor[], output: Tensor, gradient: Tensor) => {
    const shares = reduceSum(mul(gradient, output), [-1]); // [batch, heads, queries, 1]
    const minuend = concat([gradient, shares], 3); // [batch, heads, queries, headDim + 1]
    const minusOnes = fill([...value.shape.slice(0, 3), 1], -1, value.dtype);
    const values = concat([value, minusOnes], 3); // [batch, heads, keys, headDim + 1]
    const groups: Tensor[][] = [];
    for (const heads of chunks.heads) {
      const group = [query, key, values, gradient, minuend].map((x) => slice(x, 1, ...heads));
      groups.push(gradientsOfHeads(group, chunks.queries, groups.at(-1) ?? [gradient]));
    }
    return [0, 1, 2].map((source) =>
      concat(
        groups.map((group) => group[source]),
        1,
      ),
    );
  };
}

/**
 * Gradients of query, key and value [batch, heads, tokens, headDim] for some of the heads.
 *
 * @param earlier what must be there before the first chunk begins
 */
function gradientsOfHeads(
  [query, key, values, gradient, minuend]: readonly Tensor[],
  queries: readonly Range[],
  earlier: readonly Tensor[],
): Tensor[] {
  const scale = 1 / Math.sqrt(query.shape[3]);
  const ofQuery: Tensor[] = [];
  let sums: readonly Tensor[] = [];
  for (const range of queries) {
    const part = (x: Tensor) => slice(x, 2, ...range);
    const own = after(
      part(query),
      ...(ofQuery.length > 0 ? [ofQuery[ofQuery.length - 1], ...sums] : earlier),
    );
    const probabilities = attend(own, key);
    const ownMinuend = after(part(minuend), probabilities);
    const ofScores = mul(probabilities, matmul(ownMinuend, values, { transposeB: true }));
    ofQuery.push(matmul(ofScores, key, { scale }));
    const ofKey = matmul(ofScores, own, { transposeA: true, scale });
    const ofValue = matmul(probabilities, part(gradient), { transposeA: true });
    sums = [ofKey, ofValue].map((x, index) => (sums.length > 0 ? add(sums[index], x) : x));
  }
  return [concat(ofQuery, 2), ...sums];
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
