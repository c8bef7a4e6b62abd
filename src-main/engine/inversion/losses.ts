import { add } from '../tensor/ops/add.ts';
import { div } from '../tensor/ops/div.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reduceMax } from '../tensor/ops/reduceMax.ts';
import { meanAll } from '../tensor/ops/reduceMean.ts';
import { reduceSum, sumAll } from '../tensor/ops/reduceSum.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { sqrt } from '../tensor/ops/sqrt.ts';
import { sub } from '../tensor/ops/sub.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Mean of (a - b)^2 over all entries. */
export function meanSquaredError(a: Tensor, b: Tensor): Tensor {
  return meanAll(square(sub(a, b)));
}

/**
 * Numbers in the embeddings of a prompt of Stable Diffusion 1: 77 tokens of width 768. The released anchor loss is a
 * mean over them, so that it pulls a row by 2 (row - attractor) / 59,136.
 */
const publishedEntries = 77 * 768;

/**
 * Squared distance of the concept's rows [count, size] from their attractor, summed over the rows, over
 * {@link publishedEntries}. A prompt holds every row once and the attractor's prompt differs nowhere else, so in Stable
 * Diffusion 1 this is the released mean; in a model of another width or length, where the mean would pull as much
 * harder as its prompts are smaller (fourteen times with 32 tokens of width 128), the same weight stays the same pull.
 */
export function attractorLoss(rows: Tensor, attractor: Tensor): Tensor {
  return div(sumAll(square(sub(rows, attractor))), publishedEntries);
}

/** Factor of half a squared distance in {@link attractorLoss}. */
export const attractorPull = 2 / publishedEntries;

/**
 * Squared error of each picture [batch, channels, height, width] where its mask [batch, 1, height, width] counts it:
 * summed over the mask's pixels and all channels, over the sum of the mask; then the mean over the batch. As the
 * released Custom Diffusion script (and diffusers 0.17) has it, the channels are not averaged.
 */
export function maskedReconstructionLoss(prediction: Tensor, target: Tensor, mask: Tensor): Tensor {
  const weighted = mul(square(sub(prediction, target)), mask);
  // [batch, 1, 1, 1] each
  return meanAll(div(reduceSum(weighted, [1, 2, 3]), reduceSum(mask, [1, 2, 3])));
}

/**
 * 1 - cos between two pooled texts [1, width]: keeps "<my-cat> cat" in the class of "cat" (ClassDiffusion,
 * arXiv 2405.17532).
 */
export function classPreservingLoss(concept: Tensor, classWord: Tensor): Tensor {
  const dot = reduceSum(mul(concept, classWord));
  const lengths = mul(reduceSum(square(concept)), reduceSum(square(classWord)));
  return sub(1, reshape(div(dot, sqrt(lengths)), []));
}

/**
 * Squared error between the mask [batch, height * width, 1] and the placeholder's attention [batch, pixels, positions]
 * over its maximum (Break-A-Scene, arXiv 2305.16311): the word attends to its subject alone.
 */
export function maskedAttentionLoss(attention: Tensor, mask: Tensor): Tensor {
  return meanSquaredError(div(attention, reduceMax(attention, [1])), mask);
}

/** Sum of terms with their weights; terms of weight 0 and absent ones are left out. */
export function weightedSum(
  terms: readonly (readonly [weight: number, term: Tensor | undefined])[],
): Tensor {
  const present = terms.flatMap(([weight, term]) =>
    term && weight !== 0 ? [mul(term, weight)] : [],
  );
  if (present.length === 0) throw new Error('loss: every term has weight 0');
  return present.reduce((sum, term) => add(sum, term));
}

function square(x: Tensor): Tensor {
  return mul(x, x);
}
