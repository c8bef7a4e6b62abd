import { conv } from '../nn/conv.ts';
import { groupNorm } from '../nn/norm.ts';
import { downsample, upsample } from '../nn/resample.ts';
import { resnetBlock } from '../nn/resnetBlock.ts';
import type { Weights } from '../nn/weights.ts';
import { concat } from '../tensor/ops/concat.ts';
import { exp } from '../tensor/ops/exp.ts';
import { mul } from '../tensor/ops/mul.ts';
import { sigmoid } from '../tensor/ops/sigmoid.ts';
import { silu } from '../tensor/ops/silu.ts';
import { slice } from '../tensor/ops/slice.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { DetectorConfig } from './detectorConfig.ts';

/** Side of a cell of the detector's grid, in pixels. */
export const cellSize = 4;

export interface Detection {
  /** How sure it is that an object of the class has its middle in the cell, 0 to 1: [batch, classes, rows, columns]. */
  readonly scores: Tensor;
  /** From the cell's middle to the left, top, right and bottom edge, in pixels: [batch, 4, rows, columns]. */
  readonly distances: Tensor;
}

/**
 * Finds objects without anchors, in one stage: a score per cell and class (CenterNet, Zhou et al., arXiv 1904.07850,
 * section 3) and distances to the four edges (FCOS, Tian et al., arXiv 1904.01355, equations 1 and 2). An hourglass of
 * one step: down to an eighth of the picture's side, back up to a quarter beside what was there.
 *
 * @param pixels [batch, 3, imageSize, imageSize] in [-1, 1]
 */
export function detect(weights: Weights, config: DetectorConfig, pixels: Tensor): Detection {
  const [fine, middle, coarse] = config.channels;
  const padding = [1, 1, 1, 1] as const;
  let hidden = conv(weights, 'conv_in', pixels, fine, { stride: 2, padding });
  hidden = resnets(weights, config, 'down_blocks.0', hidden, fine);
  hidden = downsample(weights, 'down_blocks.0', hidden, 1);
  const skipped = resnets(weights, config, 'down_blocks.1', hidden, middle);
  hidden = downsample(weights, 'down_blocks.1', skipped, 1);
  hidden = resnets(weights, config, 'mid_block', hidden, coarse);
  hidden = concat([upsample(weights, 'mid_block', hidden), skipped], 1);
  hidden = resnets(weights, config, 'up_block', hidden, middle);
  return heads(weights, config, hidden);
}

function resnets(
  weights: Weights,
  { layersPerBlock, normNumGroups, normEps }: DetectorConfig,
  key: string,
  x: Tensor,
  channels: number,
): Tensor {
  const norm = { groups: normNumGroups, epsilon: normEps };
  let hidden = x;
  for (let layer = 0; layer < layersPerBlock; layer++) {
    hidden = resnetBlock(weights, `${key}.resnets.${layer}`, hidden, channels, norm);
  }
  return hidden;
}

function heads(weights: Weights, config: DetectorConfig, hidden: Tensor): Detection {
  const classes = config.classNames.length;
  const normalized = groupNorm(
    weights,
    'conv_norm_out',
    hidden,
    config.normNumGroups,
    config.normEps,
  );
  const output = conv(weights, 'conv_out', silu(normalized), classes + 4);
  return {
    scores: sigmoid(slice(output, 1, 0, classes)),
    distances: mul(exp(slice(output, 1, classes, classes + 4)), cellSize),
  };
}
