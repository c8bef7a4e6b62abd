import { add } from '../tensor/ops/add.ts';
import { type Conv2dAttributes, conv2d } from '../tensor/ops/conv2d.ts';
import { mul } from '../tensor/ops/mul.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LoraFactors, Weights } from './weights.ts';

export interface ConvOptions {
  /** Side of the square kernel. */
  readonly kernel?: 1 | 3;
  readonly stride?: number;
  /** Zeros on [top, left, bottom, right]; by default half the kernel on each side. */
  readonly padding?: readonly [number, number, number, number];
}

/**
 * Convolution with bias: [batch, in, height, width] -> [batch, outChannels, ...], and the low-rank change that the
 * weights may bring.
 */
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
  const attributes = {
    stride,
    dilation: 1,
    padding: padding ?? ([half, half, half, half] as const),
  };
  const product = conv2d(x, weight, bias, attributes);
  const factors = weights.lora(key);
  return factors ? add(product, loraChange(x, factors, attributes)) : product;
}

const pointwise = { stride: 1, dilation: 1, padding: [0, 0, 0, 0] } as const;

/** [batch, in, height, width] -> [batch, rank, ...] with the layer's own kernel and stride -> [batch, out, ...] */
function loraChange(
  x: Tensor,
  { down, up, scale }: LoraFactors,
  attributes: Conv2dAttributes,
): Tensor {
  const change = conv2d(conv2d(x, down, undefined, attributes), up, undefined, pointwise);
  return scale === 1 ? change : mul(change, scale);
}
