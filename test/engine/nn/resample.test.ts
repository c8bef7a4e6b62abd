import { describe, expect, test } from 'vitest';
import { convolveDoubled } from '../../../src-main/engine/nn/resample.ts';
import { vjp } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { conv2d } from '../../../src-main/engine/tensor/ops/conv2d.ts';
import { resizeNearest } from '../../../src-main/engine/tensor/ops/resizeNearest.ts';
import type { Tensor } from '../../../src-main/engine/tensor/tensor.ts';
import { checkGradient } from '../../support/gradientCheck.ts';
import { drawInputs, real } from '../../support/opCase.ts';
import { runGraph, worstError } from '../../support/runGraph.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';

type Convolve = (x: Tensor, weight: Tensor, bias: Tensor) => Tensor;

const plainly: Convolve = (x, weight, bias) => {
  const doubled = resizeNearest(x, [2 * x.shape[2], 2 * x.shape[3]]);
  return conv2d(doubled, weight, bias, { stride: 1, dilation: 1, padding: [1, 1, 1, 1] });
};

const sizes = [
  [1, 2, 3, 4, 5],
  [2, 3, 2, 1, 1],
  [2, 1, 1, 2, 3],
] as const;

describe('the convolution of a doubled picture', () => {
  test.each(sizes)(
    '%i pictures, %i to %i channels, %i x %i',
    async (batch, from, to, high, wide) => {
      const shapes = [real(batch, from, high, wide), real(to, from, 3, 3), real(to)];
      const cotangentShape = real(batch, to, 2 * high, 2 * wide);
      const { tensors, feeds } = drawInputs(
        [...shapes, cotangentShape],
        'float32',
        seededRandom(testSeed),
      );
      const [x, weight, bias, cotangent] = tensors;
      const results = async (convolve: Convolve) => {
        const output = convolve(x, weight, bias);
        const [ofX, ofWeight] = vjp([output], [cotangent], [x, weight]);
        return Object.values(await runGraph(createGraph({ output, ofX, ofWeight }), feeds)).flat();
      };
      expect(worstError(await results(convolveDoubled), await results(plainly))).toBeLessThan(2e-6);
    },
  );

  test('has its gradient', () => {
    const inputs = [real(1, 2, 2, 3), real(2, 2, 3, 3), real(2)];
    const build = (...[x, weight, bias]: readonly Tensor[]) => convolveDoubled(x, weight, bias);
    expect(checkGradient({ name: 'doubled', inputs, build }, testSeed)).toHaveLength(3);
  });
});
