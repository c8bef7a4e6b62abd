import { add } from '../tensor/ops/add.ts';
import { gemm } from '../tensor/ops/gemm.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { split } from '../tensor/ops/split.ts';
import { elementCount } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LoraFactors, Weights } from './weights.ts';

/**
 * y = W x + b over the last axis: [..., in] -> [..., outFeatures], with weight [out, in] as torch stores it, and the
 * low-rank change that the weights may bring.
 */
export function linear(
  weights: Weights,
  key: string,
  x: Tensor,
  outFeatures: number,
  { bias = true }: { readonly bias?: boolean } = {},
): Tensor {
  const inFeatures = x.shape[x.shape.length - 1];
  const weight = weights.get(`${key}.weight`, [outFeatures, inFeatures]);
  const offset = bias ? weights.get(`${key}.bias`, [outFeatures]) : undefined;
  return affine(x, weight, offset, weights.lora(key));
}

/**
 * {@link linear} with two outputs of the same size, [..., size] each, for the two halves of the weight. Nothing is cut:
 * rows of a weight lie together in its file.
 */
export function linearHalves(
  weights: Weights,
  key: string,
  x: Tensor,
  size: number,
): readonly [Tensor, Tensor] {
  const inFeatures = x.shape[x.shape.length - 1];
  const halves = (all: Tensor) => split(all, 0, [size, size]);
  const [weight1, weight2] = halves(weights.get(`${key}.weight`, [2 * size, inFeatures]));
  const [offset1, offset2] = halves(weights.get(`${key}.bias`, [2 * size]));
  const factors = weights.lora(key);
  const [up1, up2] = factors ? halves(factors.up) : [];
  return [
    affine(x, weight1, offset1, factors && up1 && { ...factors, up: up1 }),
    affine(x, weight2, offset2, factors && up2 && { ...factors, up: up2 }),
  ];
}

function affine(
  x: Tensor,
  weight: Tensor,
  offset: Tensor | undefined,
  factors: LoraFactors | undefined,
): Tensor {
  const [outFeatures, inFeatures] = weight.shape;
  // [..., in] -> [rows, in]
  const rows = reshape(x, [elementCount(x.shape) / inFeatures, inFeatures]);
  const product = gemm(rows, weight, { transposeB: true }, offset);
  const adapted = factors ? add(product, loraChange(rows, factors)) : product;
  return reshape(adapted, [...x.shape.slice(0, -1), outFeatures]); // [rows, out] -> [..., out]
}

/** [rows, in] -> [rows, out] */
function loraChange(rows: Tensor, { down, up, scale }: LoraFactors): Tensor {
  const compressed = gemm(rows, down, { transposeB: true }); // [rows, rank]
  const change = gemm(compressed, up, { transposeB: true });
  return scale === 1 ? change : mul(change, scale);
}
