import { conv2d } from '../tensor/ops/conv2d.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Weights } from './weights.ts';

export interface ConvOptions {
  /** Side of the square kernel. */
  readonly kernel?: 1 | 3;
  readonly stride?: number;
  /** Zeros on [top, left, bottom, right]; by default half the kernel on each side. */
  readonly padding?: readonly [number, number, number, number];
}

/** Convolution with bias: [batch, in, height, width] -> [batch, outChannels, ...]. */
export function conv(
  weights: Weights,
  key: string,
  x: Tensor,
  outChannels: number,
  { kernel = 3, stride = 1, padding }: ConvOptions = {},
): Tensor {
  const weight = weights.get(`${key}.weight`, [outChannels, x.shape[1], kernel, kernel]);
  const bias = weights.get(`${key}.bias`, [outChannels]);
  const half = (kernel - 1) / 2;
  return conv2d(x, weight, bias, {
    stride,
    dilation: 1,
    padding: padding ?? [half, half, half, half],
  });
}
