import { type Raster, toPixels } from './raster.ts';
import { type ResampleFilter, resizeRaster } from './resample.ts';

/**
 * Scale augmentation of Custom Diffusion (Kumari et al., arXiv 2212.04488, section 3.3; numbers of diffusers 0.17.0,
 * examples/custom_diffusion/train_custom_diffusion.py): the photo is shown smaller, on grey, or larger, cut.
 */
export interface ScaleAugmentation {
  /** Side of the photo, in pixels of the training picture. */
  readonly scale: number;
  /** Where the photo begins in the training picture; where it is larger, where the picture begins in the photo. */
  readonly top: number;
  readonly left: number;
}

export interface AugmentedSize {
  /** Side of the training picture, in pixels. */
  readonly size: number;
  /** Side of the loss mask: that of the latent. */
  readonly maskSize: number;
}

/** What {@link drawScale} needs of a random stream. */
interface RandomSource {
  uniform(): number;
  integer(count: number): number;
}

/** In two of three cases a third to the whole of the size, else 1.2 to 1.4 times, anywhere. */
export function drawScale(
  random: RandomSource,
  { size, maskSize }: AugmentedSize,
): ScaleAugmentation {
  // Three cells of the mask leave at least one after its border is taken off.
  const smallest = Math.max(Math.floor(size / 3), 3 * Math.floor(size / maskSize));
  const [from, to] =
    random.uniform() < 0.66
      ? [smallest, size + 1]
      : [Math.floor(1.2 * size), Math.floor(1.4 * size)];
  const scale = from + random.integer(Math.max(to - from, 1));
  const places = Math.abs(scale - size) + 1;
  return { scale, top: random.integer(places), left: random.integer(places) };
}

/**
 * @param photo resized to a square of side `scale` whatever its proportions: crop it first to keep them
 * @returns pixels [3, size, size] in [-1, 1], 0 where there is no photo, and the loss mask [maskSize, maskSize]
 */
export function augmentScale(
  photo: Raster,
  { size, maskSize }: AugmentedSize,
  augmentation: ScaleAugmentation,
  filter: ResampleFilter = 'bicubic',
): { pixels: Float32Array; mask: Float32Array } {
  const { scale, top, left } = augmentation;
  const scaled = toPixels(resizeRaster(photo, scale, scale, filter));
  const pixels = new Float32Array(3 * size * size);
  const inside = Math.min(size, scale);
  // A larger photo is read from (left, top), a smaller one written there.
  const [source, target] = scale > size ? [top * scale + left, 0] : [0, top * size + left];
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < inside; y++) {
      const start = (c * scale + y) * scale + source;
      pixels.set(scaled.subarray(start, start + inside), (c * size + y) * size + target);
    }
  }
  return { pixels, mask: lossMask({ size, maskSize }, augmentation) };
}

/**
 * 1 where the latent shows the photo, without the outermost cells, which see the border too; 1 everywhere for a photo
 * larger than the picture. [maskSize, maskSize]
 */
export function lossMask(
  { size, maskSize }: AugmentedSize,
  { scale, top, left }: ScaleAugmentation,
): Float32Array {
  const mask = new Float32Array(maskSize * maskSize);
  if (scale > size) return mask.fill(1);
  const factor = Math.floor(size / maskSize);
  const [firstRow, endRow] = insideCells(top, scale, factor);
  const [firstColumn, endColumn] = insideCells(left, scale, factor);
  for (let row = firstRow; row < endRow; row++) {
    mask.fill(1, row * maskSize + firstColumn, row * maskSize + Math.max(endColumn, firstColumn));
  }
  return mask;
}

function insideCells(start: number, length: number, factor: number): [number, number] {
  return [Math.floor(start / factor) + 1, Math.floor((start + length) / factor) - 1];
}
