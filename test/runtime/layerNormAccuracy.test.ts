import { expect, test } from 'vitest';
import { vjp } from '../../src-main/engine/tensor/gradient.ts';
import { createGraph } from '../../src-main/engine/tensor/graph.ts';
import { input } from '../../src-main/engine/tensor/ops/input.ts';
import { layerNorm } from '../../src-main/engine/tensor/ops/layerNorm.ts';
import { evaluate } from '../support/reference/evaluate.ts';
import { runGraph, worstError } from '../support/runGraph.ts';
import { normals, seededRandom, testSeed } from '../support/seededRandom.ts';

const rows = 4;

/** Errors of the norm and of its gradient where the mean is much larger than the deviation. */
async function errors(width: number, mean: number, deviation: number) {
  const [x, cotangent] = [input('x', [rows, width]), input('cotangent', [rows, width])];
  const y = layerNorm(x, 1e-6);
  const graph = createGraph({ y, dx: vjp([y], [cotangent], [x])[0] });
  const random = seededRandom(testSeed);
  const drawn = normals(random, rows * width).map((value) => mean + deviation * value);
  const feeds = {
    x: Float64Array.from(drawn, Math.fround),
    cotangent: Float64Array.from(normals(random, rows * width), Math.fround),
  };
  const actual = await runGraph(graph, feeds);
  const expected = evaluate(graph, feeds);
  return [worstError(actual.y, expected.y), worstError(actual.dx, expected.dx)];
}

/**
 * The mean itself is a float32, so an error of half its last place, 6e-8 times mean / deviation, cannot be avoided.
 * A variance as the difference of two mean squares would lose the square of the quotient: all digits at 10,000.
 */
test.each([8, 320, 4096])('width %i: no digits are lost but those of the mean', async (width) => {
  for (const mean of [1, 10, 100, 1000]) {
    for (const deviation of [1, 0.1, 0.01]) {
      const bound = 1e-6 + (6e-8 * mean) / deviation;
      for (const error of await errors(width, mean, deviation)) {
        expect(error, `mean ${mean}, deviation ${deviation}`).toBeLessThan(bound);
      }
    }
  }
});
