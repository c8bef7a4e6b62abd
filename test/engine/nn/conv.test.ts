import { expect, test } from 'vitest';
import { conv } from '../../../src-main/engine/nn/conv.ts';
import { upsample } from '../../../src-main/engine/nn/resample.ts';
import type { LoraFactors, Weights } from '../../../src-main/engine/nn/weights.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { add } from '../../../src-main/engine/tensor/ops/add.ts';
import { matmul } from '../../../src-main/engine/tensor/ops/matmul.ts';
import { mul } from '../../../src-main/engine/tensor/ops/mul.ts';
import { reshape } from '../../../src-main/engine/tensor/ops/reshape.ts';
import { drawInputs, real } from '../../support/opCase.ts';
import { runGraph, worstError } from '../../support/runGraph.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';

const [channels, out, rank] = [3, 5, 2];

test('a change of the convolution after an upsampling is not lost', async () => {
  const shapes = [
    real(1, channels, 16, 16),
    real(channels, channels, 3, 3),
    real(channels),
    real(rank, channels, 3, 3),
    real(channels, rank, 1, 1),
  ];
  const { tensors, feeds } = drawInputs(shapes, 'float32', seededRandom(testSeed));
  const [x, weight, bias, down, up] = tensors;
  const product = matmul(reshape(up, [channels, rank]), reshape(down, [rank, channels * 9]));
  const weightsOf = (own: typeof weight, factors?: LoraFactors): Weights => ({
    get: (key) => (key.endsWith('.weight') ? own : bias),
    lora: () => factors,
  });
  const changed = upsample(weightsOf(weight, { down, up, scale: 1 }), 'block', x);
  const merged = upsample(weightsOf(add(weight, reshape(product, weight.shape))), 'block', x);
  const actual = await runGraph(createGraph({ changed, merged }), feeds);
  expect(worstError(actual.changed, actual.merged)).toBeLessThan(1e-5);
});

test.each([
  ['1 x 1', { kernel: 1 }],
  ['3 x 3', { kernel: 3 }],
  ['3 x 3 with strides', { kernel: 3, stride: 2, padding: [0, 0, 1, 1] }],
] as const)('a low-rank change of a %s convolution is one of its kernel', async (_, options) => {
  const { kernel } = options;
  const shapes = [
    real(2, channels, 6, 6),
    real(out, channels, kernel, kernel),
    real(out),
    real(rank, channels, kernel, kernel),
    real(out, rank, 1, 1),
  ];
  const { tensors, feeds } = drawInputs(shapes, 'float32', seededRandom(testSeed));
  const [x, weight, bias, down, up] = tensors;
  const product = matmul(reshape(up, [out, rank]), reshape(down, [rank, channels * kernel ** 2]));
  const merged = add(weight, mul(reshape(product, weight.shape), 0.7));
  const weightsOf = (own: typeof weight, lora: Weights['lora']): Weights => ({
    get: (key) => (key === 'layer.weight' ? own : bias),
    lora,
  });
  const changed = weightsOf(weight, () => ({ down, up, scale: 0.7 }));
  const actual = await runGraph(
    createGraph({
      changed: conv(changed, 'layer', x, out, options),
      merged: conv(
        weightsOf(merged, () => undefined),
        'layer',
        x,
        out,
        options,
      ),
    }),
    feeds,
  );
  expect(worstError(actual.changed, actual.merged)).toBeLessThan(1e-5);
});
