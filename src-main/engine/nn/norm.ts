import { add } from '../tensor/ops/add.ts';
import { layerNorm as layerNormOp } from '../tensor/ops/layerNorm.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Weights } from './weights.ts';

/** Normalises each position over its features [..., width], then scales and shifts by learned vectors. */
export function layerNorm(weights: Weights, key: string, x: Tensor, epsilon: number): Tensor {
  const width = x.shape[x.shape.length - 1];
  const scale = weights.get(`${key}.weight`, [width]);
  return layerNormOp(x, epsilon, scale, weights.get(`${key}.bias`, [width]));
}

/** Normalises each group of channels of each picture [batch, channels, ...], then scales and shifts each channel. */
export function groupNorm(
  weights: Weights,
  key: string,
  x: Tensor,
  groups: number,
  epsilon: number,
): Tensor {
  const [batch, channels, ...space] = x.shape;
  const pixels = space.reduce((product, size) => product * size, 1);
  // [batch, channels, ...space] -> [batch, groups, channels / groups * pixels]
  const grouped = reshape(x, [batch, groups, (channels / groups) * pixels]);
  const normalized = reshape(layerNormOp(grouped, epsilon), x.shape);
  const perChannel = [channels, ...space.map(() => 1)]; // [channels] -> [channels, 1, 1]
  const scale = reshape(weights.get(`${key}.weight`, [channels]), perChannel);
  const bias = reshape(weights.get(`${key}.bias`, [channels]), perChannel);
  return add(mul(normalized, scale), bias);
}
