import { resizeNearest } from '../tensor/ops/resizeNearest.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { conv } from './conv.ts';
import type { Weights } from './weights.ts';

/** Halves height and width by a strided convolution. Without padding, zeros stand at the bottom and right only. */
export function downsample(weights: Weights, key: string, x: Tensor, padding: 0 | 1): Tensor {
  return conv(weights, `${key}.downsamplers.0.conv`, x, x.shape[1], {
    stride: 2,
    padding: padding === 1 ? [1, 1, 1, 1] : [0, 0, 1, 1],
  });
}

/** Copies each pixel to fill the larger size, by default twice each side, then convolves. */
export function upsample(
  weights: Weights,
  key: string,
  x: Tensor,
  size: readonly [number, number] = [x.shape[2] * 2, x.shape[3] * 2],
): Tensor {
  return conv(weights, `${key}.upsamplers.0.conv`, resizeNearest(x, size), x.shape[1]);
}
