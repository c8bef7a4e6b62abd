import { roundHalfEven } from '../numbers.ts';
import { cropRaster, type Raster } from './raster.ts';
import { type ResampleFilter, resizeRaster } from './resample.ts';

/** How a photo becomes a training picture. A mask takes the same way. */
export interface ImagePlacement {
  /** Size of the training picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 'cover', the default: keeps the proportions and cuts what is over. 'squash': as the official scripts. */
  readonly fit?: 'cover' | 'squash';
}

export function placeImage(
  photo: Raster,
  { width, height, fit = 'cover' }: ImagePlacement,
  filter: ResampleFilter = 'bicubic',
): Raster {
  const resize = fit === 'cover' ? coverRaster : resizeRaster;
  return resize(photo, width, height, filter);
}

/**
 * The picture at the smallest size that covers the target, its middle cut out. For squares this is
 * torchvision's Resize (shorter side) and CenterCrop, roundings included (torchvision 0.14).
 */
export function coverRaster(
  raster: Raster,
  width: number,
  height: number,
  filter: ResampleFilter,
): Raster {
  const byWidth = width * raster.height >= height * raster.width;
  const fullWidth = byWidth ? width : Math.floor((height * raster.width) / raster.height);
  const fullHeight = byWidth ? Math.floor((width * raster.height) / raster.width) : height;
  const full = resizeRaster(raster, fullWidth, fullHeight, filter);
  const left = roundHalfEven((fullWidth - width) / 2);
  const top = roundHalfEven((fullHeight - height) / 2);
  return cropRaster(full, left, top, width, height);
}

/** A mask -> weights in [0, 1], each the mean of the pixels it stands for, [height, width]. */
export function maskWeights(mask: Raster, width: number, height: number): Float32Array {
  const { data } = resizeRaster(mask, width, height, 'box');
  return Float32Array.from(data, (value) => value / 255);
}
