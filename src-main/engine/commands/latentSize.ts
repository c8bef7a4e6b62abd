import type { ImageSize } from '../../../src-shared/image.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { type DiffusionModel, latentFactor } from '../diffusion/model.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Size of the latent of a picture; the model's own where none is asked for.
 *
 * @throws InputError when a side is no whole number of latent cells
 */
export function latentSizeOf(model: DiffusionModel, wanted: ImageSize | undefined): Size {
  const factor = latentFactor(model);
  const own = model.configs.unet.sampleSize;
  if (!wanted) return { width: own, height: own };
  const { width, height } = wanted;
  if (width % factor === 0 && height % factor === 0) {
    return { width: width / factor, height: height / factor };
  }
  const nearest = [width, height].map((side) => Math.max(Math.round(side / factor), 1) * factor);
  throw new InputError(
    `size ${width}x${height}: expected multiples of ${factor} pixels for this model, such as ${nearest.join('x')}`,
  );
}

/** Size of the picture of a latent. */
export function pictureSizeOf(model: DiffusionModel, { width, height }: Size): Size {
  const factor = latentFactor(model);
  return { width: width * factor, height: height * factor };
}
