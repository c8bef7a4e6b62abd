import { InputError } from '../../../src-shared/inputError.ts';
import type { AttentionMap } from '../models/unet.ts';
import type { Values } from '../tensor/executable.ts';
import { add } from '../tensor/ops/add.ts';
import { input } from '../tensor/ops/input.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reduceMean } from '../tensor/ops/reduceMean.ts';
import { reduceSum } from '../tensor/ops/reduceSum.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { slice } from '../tensor/ops/slice.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data } from '../tensor/tensorData.ts';
import { maskedAttentionLoss } from './losses.ts';

/** Rows of a micro-batch and the size of their latents. Only the concept's rows have masks. */
export interface BatchSize {
  /** Rows of a micro-batch: concept pictures first, class pictures after them. */
  readonly batch: number;
  /** How many of the rows are class pictures (prior preservation). */
  readonly classRows: number;
  /** Size of the latents. */
  readonly height: number;
  readonly width: number;
}

/** The masks as an input of the graph: [concept rows, 1, height, width]. */
export function maskInput({ batch, classRows, height, width }: BatchSize): Tensor {
  return input('mask', [batch - classRows, 1, height, width]);
}

/**
 * {@link maskedAttentionLoss} of the concept rows on their maps at a quarter of the latent's side: the 16 x 16 ones of
 * 64 latent pixels.
 *
 * @param maps of the whole batch: probabilities [batch, heads, height * width, tokens]
 * @throws InputError when the model has no cross-attention of that size
 */
export function maskedAttentionTerm(size: BatchSize, maps: readonly AttentionMap[]): Tensor {
  const { height, width } = mapSize(size);
  const concept = size.batch - size.classRows;
  const chosen = maps.filter((map) => map.height === height && map.width === width);
  if (chosen.length === 0) {
    throw new InputError(
      `this model has no cross-attention at ${width} x ${height}, a quarter of its latents; leave the loss of masked attention out`,
    );
  }
  const tokens = chosen[0].probabilities.shape[3];
  const attention = chosen
    // mean over the heads: [batch, heads, pixels, tokens] -> [concept, pixels, tokens]
    .map(({ probabilities }) =>
      reshape(reduceMean(slice(probabilities, 0, 0, concept), [1]), [
        concept,
        height * width,
        tokens,
      ]),
    )
    .reduce((sum, map) => add(sum, map));
  const slots = input('placeholderSlots', [concept, 1, tokens]);
  const ofPlaceholders = reduceSum(mul(attention, slots), [2]); // [concept, pixels, 1]
  const mask = input('attentionMask', [concept, height * width, 1]);
  return maskedAttentionLoss(ofPlaceholders, mask);
}

/** Value of {@link maskInput}. @param masks [concept rows, 1, height, width] */
export function maskValues({ batch, classRows, height, width }: BatchSize, masks: Float32Array) {
  return { mask: float32Data([batch - classRows, 1, height, width], masks) };
}

/**
 * Values of the inputs of {@link maskedAttentionTerm}.
 *
 * @param masks     [concept rows, 1, height, width]
 * @param tokenIds  of all rows; ids at or beyond `vocabSize` name placeholder rows
 */
export function maskedAttentionValues(
  size: BatchSize,
  masks: Float32Array,
  tokenIds: readonly (readonly number[])[],
  vocabSize: number,
): Values {
  const concept = size.batch - size.classRows;
  const { height, width } = mapSize(size);
  const slots = tokenIds.slice(0, concept).flatMap((ids) => ids.map((id) => +(id >= vocabSize)));
  const shrunk = shrinkMasks(masks, size, { height, width });
  return {
    placeholderSlots: float32Data([concept, 1, tokenIds[0].length], Float32Array.from(slots)),
    attentionMask: float32Data([concept, height * width, 1], shrunk),
  };
}

type Size = Pick<BatchSize, 'height' | 'width'>;

function mapSize({ height, width }: Size): Size {
  return { height: Math.ceil(height / 4), width: Math.ceil(width / 4) };
}

/** Means over the cells of a coarser grid, mask by mask. */
function shrinkMasks(masks: Float32Array, from: Size, to: Size): Float32Array {
  const count = masks.length / (from.height * from.width);
  const shrunk = new Float32Array(count * to.height * to.width);
  const counts = new Float32Array(shrunk.length);
  for (let index = 0; index < masks.length; index++) {
    const x = index % from.width;
    const y = Math.floor(index / from.width) % from.height;
    const mask = Math.floor(index / (from.width * from.height));
    const row = mask * to.height + Math.floor((y * to.height) / from.height);
    const cell = row * to.width + Math.floor((x * to.width) / from.width);
    shrunk[cell] += masks[index];
    counts[cell]++;
  }
  return shrunk.map((sum, cell) => sum / counts[cell]);
}
