import { add } from '../tensor/ops/add.ts';
import { gemm } from '../tensor/ops/gemm.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { elementCount } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Weights } from './weights.ts';

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
  // [..., in] -> [rows, in]
  const rows = reshape(x, [elementCount(x.shape) / inFeatures, inFeatures]);
  const weight = weights.get(`${key}.weight`, [outFeatures, inFeatures]);
  const offset = bias ? weights.get(`${key}.bias`, [outFeatures]) : undefined;
  const product = gemm(rows, weight, { transposeB: true }, offset);
  const adapted = addLora(weights, key, rows, product);
  return reshape(adapted, [...x.shape.slice(0, -1), outFeatures]); // [rows, out] -> [..., out]
}

function addLora(weights: Weights, key: string, rows: Tensor, product: Tensor): Tensor {
  const factors = weights.lora(key);
  if (!factors) return product;
  const compressed = gemm(rows, factors.down, { transposeB: true }); // [rows, rank]
  const change = gemm(compressed, factors.up, { transposeB: true }); // [rows, out]
  return add(product, factors.scale === 1 ? change : mul(change, factors.scale));
}
