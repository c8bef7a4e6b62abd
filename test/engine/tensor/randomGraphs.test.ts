import { describe, expect, test } from 'vitest';
import { gradient } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { add } from '../../../src-main/engine/tensor/ops/add.ts';
import { concat } from '../../../src-main/engine/tensor/ops/concat.ts';
import { div } from '../../../src-main/engine/tensor/ops/div.ts';
import { exp } from '../../../src-main/engine/tensor/ops/exp.ts';
import { layerNorm } from '../../../src-main/engine/tensor/ops/layerNorm.ts';
import { matmul } from '../../../src-main/engine/tensor/ops/matmul.ts';
import { mul } from '../../../src-main/engine/tensor/ops/mul.ts';
import { meanAll, reduceMean } from '../../../src-main/engine/tensor/ops/reduceMean.ts';
import { reduceSum } from '../../../src-main/engine/tensor/ops/reduceSum.ts';
import { reshape } from '../../../src-main/engine/tensor/ops/reshape.ts';
import { sigmoid } from '../../../src-main/engine/tensor/ops/sigmoid.ts';
import { silu } from '../../../src-main/engine/tensor/ops/silu.ts';
import { sin } from '../../../src-main/engine/tensor/ops/sin.ts';
import { slice } from '../../../src-main/engine/tensor/ops/slice.ts';
import { softmax } from '../../../src-main/engine/tensor/ops/softmax.ts';
import { stopGradient } from '../../../src-main/engine/tensor/ops/stopGradient.ts';
import { sub } from '../../../src-main/engine/tensor/ops/sub.ts';
import { transpose } from '../../../src-main/engine/tensor/ops/transpose.ts';
import type { Tensor } from '../../../src-main/engine/tensor/tensor.ts';
import { checkGradient } from '../../support/gradientCheck.ts';
import { drawInputs, type OpCase, real } from '../../support/opCase.ts';
import { evaluate } from '../../support/reference/evaluate.ts';
import { runGraph, worstError } from '../../support/runGraph.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';

const shape = [2, 3, 3];

/** Steps from values [2, 3, 3] to another of that shape. They keep its size moderate and have no kinks. */
const steps: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => add(a, b),
  (a, b) => sub(a, mul(b, 0.5)),
  (a, b) => mul(sigmoid(a), b),
  (a, b) => div(a, add(exp(mul(softmax(b), -1)), 0.5)),
  (a, b) => matmul(softmax(a), b, { transposeB: true, scale: 0.5 }),
  (a, b) => matmul(layerNorm(a, 1e-1), b, { transposeA: true, scale: 0.3 }),
  (a) => silu(a),
  (a) => sin(a),
  (a) => layerNorm(a, 1e-1),
  (a) => transpose(a, [0, 2, 1]),
  (a, b) => add(a, reduceMean(b, [1])),
  (a, b) => mul(a, sigmoid(reduceSum(b, [0, 2]))),
  (a, b) => slice(concat([slice(b, 1, 1, 3), a], 1), 1, 1, 4),
  (a, b) => reshape(matmul(reshape(a, [6, 3]), slice(reshape(b, [6, 3]), 0, 1, 4)), shape),
];

/** A graph of a dozen steps, each from two earlier values, so that values have several uses. */
function randomCase(seed: number): OpCase {
  const random = seededRandom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const plan = Array.from({ length: 12 }, (_, i) => ({
    step: pick(steps.length),
    a: pick(i + 3),
    b: pick(i + 3),
  }));
  return {
    name: `random graph ${seed}`,
    inputs: [real(...shape), real(...shape), real(3, 1)],
    build: (x, y, column) => {
      const values = [x, y, add(mul(x, 0), column)];
      for (const { step, a, b } of plan) values.push(steps[step](values[a], values[b]));
      // what no later step happened to use has a use here
      return values.reduce((sum, value) => add(sum, mul(value, 0.3)));
    },
  };
}

const seeds = Array.from({ length: 40 }, (_, i) => testSeed * 1000 + i);

describe('random graphs', () => {
  test.each(seeds)('differentiate as central differences say (seed %i)', (seed) => {
    const derivatives = checkGradient(randomCase(seed), seed);
    for (const { input, numeric } of derivatives) expect(numeric, input).not.toBe(0);
  });

  test.each(seeds)('run as the reference does, with their gradients (seed %i)', async (seed) => {
    const { inputs, build } = randomCase(seed);
    const { tensors, feeds } = drawInputs(inputs, 'float32', seededRandom(seed));
    const output = build(...tensors);
    const [dx, dy] = gradient(meanAll(mul(output, stopGradient(sin(output)))), tensors);
    const graph = createGraph({ output, dx, dy });
    const actual = await runGraph(graph, feeds);
    const expected = evaluate(graph, feeds);
    for (const name of graph.outputs.keys()) {
      expect(worstError(actual[name], expected[name]), name).toBeLessThan(1e-4);
    }
  });
});
