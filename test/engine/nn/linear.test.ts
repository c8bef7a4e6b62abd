import { expect, test } from 'vitest';
import { linear, linearHalves } from '../../../src-main/engine/nn/linear.ts';
import type { LoraFactors, Weights } from '../../../src-main/engine/nn/weights.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { concat } from '../../../src-main/engine/tensor/ops/concat.ts';
import { drawInputs, real } from '../../support/opCase.ts';
import { runGraph, worstError } from '../../support/runGraph.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';

const [inFeatures, size, rank] = [5, 3, 2];

test.each(['without', 'with'] as const)(
  'halves %s a low-rank change are a linear layer',
  async (change) => {
    const shapes = [
      real(2, 4, inFeatures),
      real(2 * size, inFeatures),
      real(2 * size),
      real(rank, inFeatures),
      real(2 * size, rank),
    ];
    const { tensors, feeds } = drawInputs(shapes, 'float32', seededRandom(testSeed));
    const [x, weight, bias, down, up] = tensors;
    const factors: LoraFactors | undefined =
      change === 'with' ? { down, up, scale: 0.7 } : undefined;
    const weights: Weights = {
      get: (key) => (key === 'layer.weight' ? weight : bias),
      lora: () => factors,
    };
    const whole = linear(weights, 'layer', x, 2 * size);
    const halves = concat(linearHalves(weights, 'layer', x, size), 2);
    const actual = await runGraph(createGraph({ whole, halves }), feeds);
    expect(worstError(actual.halves, actual.whole)).toBeLessThan(1e-6);
  },
);
