import { InputError } from '../../../src-shared/inputError.ts';
import type { AttentionMap } from '../models/unet.ts';
import type { Values } from '../tensor/executable.ts';
import { add } from '../tensor/ops/add.ts';
import { div } from '../tensor/ops/div.ts';
import { input } from '../tensor/ops/input.ts';
import { matmul } from '../tensor/ops/matmul.ts';
import { mul } from '../tensor/ops/mul.ts';
import { sumAll } from '../tensor/ops/reduceSum.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { slice } from '../tensor/ops/slice.ts';
import { sub } from '../tensor/ops/sub.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data } from '../tensor/tensorData.ts';
import {
  boxMask,
  distinctSizes,
  type EmptyBoxes,
  type MapSize,
  type PlacedObject,
  positionWeights,
  sizeName,
} from './layoutMasks.ts';

/**
 * Which heads count. 'second-half': those that the released code looks at, whose `.chunk(2)[1]` on the conditional
 * prompt alone drops the first half, rounded up.
 */
export type HeadChoice = 'all' | 'second-half';

/** Keeps a division by attention that is nowhere at 0; far below any attention that counts, and its square is a float32. */
const guard = 1e-16;

/**
 * Layout loss of spatial inversion (arXiv 2312.08048 after Chen et al., arXiv 2304.03373, equation 1; released code at
 * 63af729, utils/layout_control.py `compute_ca_loss`): the mean over maps, objects, positions and heads of
 * (1 - share of the attention inside the object's boxes)^2, 0 to 1, not scaled.
 *
 * Masks and positions are inputs of the graph, given by {@link layoutLossValues}, so that boxes and prompt may change
 * without compiling again.
 *
 * @param maps of one prompt: probabilities [1, heads, height * width, tokens]
 * @returns a value of rank 0
 */
export function layoutLoss(
  maps: readonly AttentionMap[],
  objects: number,
  heads: HeadChoice = 'all',
): Tensor {
  const tokens = tokensOf(maps);
  const { dtype } = maps[0].probabilities;
  const weights = input('layout.positionWeights', [objects, tokens], dtype);
  const masks = new Map(
    distinctSizes(maps).map((size) => [
      sizeName(size),
      // one more row, of ones, gives the whole attention in the same product
      input(`layout.masks.${sizeName(size)}`, [objects + 1, size.height * size.width], dtype),
    ]),
  );
  const losses = maps.map((map) =>
    mapLoss(chooseHeads(map.probabilities, heads), masks.get(sizeName(map))!, weights),
  );
  return div(losses.reduce(add), maps.length);
}

/** The inputs that {@link layoutLoss} makes for maps of these sizes. @param tokens length of the prompt's sequence */
export function layoutLossValues(
  sizes: readonly MapSize[],
  objects: readonly PlacedObject[],
  tokens: number,
  emptyBoxes: EmptyBoxes = 'nearest-cell',
): Values {
  const weights = positionWeights(objects, tokens);
  const masks = distinctSizes(sizes).map((size) => {
    const cells = size.height * size.width;
    const values = new Float32Array((objects.length + 1) * cells).fill(1);
    for (const [index, { boxes }] of objects.entries()) {
      values.set(boxMask(boxes, size, emptyBoxes), index * cells);
    }
    const shape = [objects.length + 1, cells];
    return [`layout.masks.${sizeName(size)}`, float32Data(shape, values)] as const;
  });
  return {
    'layout.positionWeights': float32Data([objects.length, tokens], weights),
    ...Object.fromEntries(masks),
  };
}

/** Length of the sequence that the maps look at. @throws Error when they are not those of one prompt. */
export function tokensOf(maps: readonly AttentionMap[]): number {
  if (maps.length === 0) throw new Error('layout loss: no attention map is given');
  const [batch, , , tokens] = maps[0].probabilities.shape;
  if (batch !== 1) throw new Error(`layout loss: maps of 1 prompt are needed, not of ${batch}`);
  return tokens;
}

/** [1, heads, cells, tokens] -> [chosen heads, cells, tokens] */
function chooseHeads(probabilities: Tensor, choice: HeadChoice): Tensor {
  const [, heads, cells, tokens] = probabilities.shape;
  const first = choice === 'all' ? 0 : Math.ceil(heads / 2);
  if (first === heads) {
    throw new InputError(
      'official layout loss: the released code needs two attention heads, this model has one; leave `official` out',
    );
  }
  return reshape(slice(probabilities, 1, first, heads), [heads - first, cells, tokens]);
}

/** Attention [heads, cells, tokens], masks [objects + 1, cells], weights [objects, tokens] that sum to 1. */
function mapLoss(attention: Tensor, masks: Tensor, weights: Tensor): Tensor {
  const [heads] = attention.shape;
  const [objects] = weights.shape;
  const sums = matmul(masks, attention, { precise: true }); // [heads, objects + 1, tokens]
  const inside = slice(sums, 1, 0, objects);
  const whole = slice(sums, 1, objects, objects + 1);
  const outside = sub(1, div(inside, add(whole, guard)));
  return div(sumAll(mul(mul(outside, outside), weights)), heads);
}
