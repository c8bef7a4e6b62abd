import { after } from '../tensor/ops/after.ts';
import { concat } from '../tensor/ops/concat.ts';
import { floatConstant } from '../tensor/ops/constant.ts';
import { conv2d } from '../tensor/ops/conv2d.ts';
import { matmul } from '../tensor/ops/matmul.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { resizeNearest } from '../tensor/ops/resizeNearest.ts';
import { freshWeight } from '../tensor/ops/widen.ts';
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

export interface UpsampleOptions {
  /** Height and width; by default twice each side. */
  readonly size?: readonly [number, number];
  /** Whether kernels may be made in the graph, which a backward pass would keep. */
  readonly makesKernels?: boolean;
}

/** Pixels from which on making the kernels of {@link convolveDoubled} takes less time than it saves. */
const worthKernels = 256;

/** Copies each pixel to fill the larger size, then convolves. */
export function upsample(
  weights: Weights,
  key: string,
  x: Tensor,
  { size, makesKernels = true }: UpsampleOptions = {},
): Tensor {
  const [, channels, height, width] = x.shape;
  const doubled = [2 * height, 2 * width] as const;
  const own = `${key}.upsamplers.0.conv`;
  const doubles = !size || (size[0] === doubled[0] && size[1] === doubled[1]);
  const isPlain = !makesKernels || height * width < worthKernels || weights.lora(own) !== undefined;
  if (!doubles || isPlain) {
    return conv(weights, own, resizeNearest(x, size ?? doubled), channels);
  }
  const weight = weights.get(`${own}.weight`, [channels, channels, 3, 3]);
  return convolveDoubled(x, weight, weights.get(`${own}.bias`, [channels]));
}

/** Which rows (or columns) of a 3 x 3 kernel fall on the first and on the second pixel that each half of one sees. */
const tapsOfHalf = [
  [[0], [1, 2]],
  [[0, 1], [2]],
] as const;
const halves = [0, 1] as const;

/**
 * The 3 x 3 convolution of a picture whose pixels are doubled, less than half the work: taps that fall on the same pixel
 * are added up, which leaves a 2 x 2 kernel for each of the four pixels that one becomes (sub-pixel convolution, Shi et
 * al. 2016, arXiv 1609.05158). [batch, in, height, width] -> [batch, out, 2 * height, 2 * width]
 */
export function convolveDoubled(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [batch, , height, width] = x.shape;
  const [out, channels] = weight.shape;
  // in each run: folded, the kernels would be kept
  const taps = reshape(after(freshWeight(weight, x), x), [out, channels, 9]);
  const pixels = (below: 0 | 1, right: 0 | 1) => {
    const summed = matmul(taps, tapSums(below, right, weight.dtype));
    const kernel = reshape(summed, [out, channels, 2, 2]);
    const padding = [1 - below, 1 - right, below, right] as const;
    return conv2d(x, kernel, bias, { stride: 1, dilation: 1, padding });
  };
  const rows = halves.map((below) => {
    const columns = halves.map((right) =>
      reshape(pixels(below, right), [batch, out, height, width, 1]),
    );
    return reshape(concat(columns, 4), [batch, out, height, 1, 2 * width]);
  });
  return reshape(concat(rows, 3), [batch, out, 2 * height, 2 * width]);
}

/** Adds up the taps of a 3 x 3 kernel to those of a 2 x 2 kernel: [9, 4] */
function tapSums(below: 0 | 1, right: 0 | 1, dtype: Tensor['dtype']): Tensor {
  const sums = new Array<number>(36).fill(0);
  for (const row of halves) {
    for (const column of halves) {
      for (const y of tapsOfHalf[below][row]) {
        for (const x of tapsOfHalf[right][column]) sums[4 * (3 * y + x) + 2 * row + column] = 1;
      }
    }
  }
  return floatConstant([9, 4], sums, dtype);
}
