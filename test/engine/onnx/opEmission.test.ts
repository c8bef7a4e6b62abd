import { describe, expect, test } from 'vitest';
import { emitModel } from '../../../src-main/engine/onnx/emit.ts';
import { vjp } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph, type Graph } from '../../../src-main/engine/tensor/graph.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import type { Tensor } from '../../../src-main/engine/tensor/tensor.ts';
import { drawInputs, type OpCase } from '../../support/opCase.ts';
import { evaluate } from '../../support/reference/evaluate.ts';
import { countOf } from '../../support/reference/referenceValue.ts';
import { runGraph, worstError } from '../../support/runGraph.ts';
import { normals, seededRandom, testSeed } from '../../support/seededRandom.ts';
import { allCases } from '../tensor/cases/allCases.ts';

const rows = Object.entries(allCases).flatMap(([op, cases]) =>
  cases.map((opCase) => ({ title: `${op}: ${opCase.name}`, opCase, op })),
);
const withoutGradient = new Set(['topK', 'greaterOrEqual']);

/** A case as a float32 graph: its output and, where there are any, the gradients that a random cotangent sends back. */
function instantiate({ inputs, build }: OpCase, differentiate: boolean) {
  const random = seededRandom(testSeed);
  const { tensors, feeds } = drawInputs(inputs, 'float32', random);
  const output = build(...tensors);
  if (!differentiate) return { graph: createGraph({ output }), feeds };
  feeds.cotangent = Float64Array.from(normals(random, countOf(output.shape)), Math.fround);
  const cotangent = input('cotangent', output.shape);
  const differentiated = tensors.filter((tensor) => tensor.dtype === 'float32');
  return { graph: gradientGraph(output, cotangent, differentiated), feeds };
}

function gradientGraph(output: Tensor, cotangent: Tensor, values: readonly Tensor[]): Graph {
  const gradients = vjp([output], [cotangent], values);
  const named = Object.fromEntries(gradients.map((value, i) => [`gradient${i}`, value]));
  return createGraph({ output, ...named });
}

describe(`emitted ONNX on the processor equals the reference (seed ${testSeed})`, () => {
  test.each(rows)('$title', async ({ op, opCase }) => {
    const { graph, feeds } = instantiate(opCase, !withoutGradient.has(op));
    const actual = await runGraph(graph, feeds);
    const expected = evaluate(graph, feeds);
    for (const name of graph.outputs.keys()) {
      expect(worstError(actual[name], expected[name]), name).toBeLessThan(1e-5);
    }
  });
});

describe(`for devices other than the processor (seed ${testSeed})`, () => {
  const emission = { fusesMatmul: false, reshapesFreely: false, convolvesThrees: false };
  test.each(rows.filter(({ op }) => ['matmul', 'after', 'widen', 'conv2d'].includes(op)))(
    '$title',
    async ({ opCase }) => {
      const { graph, feeds } = instantiate(opCase, true);
      expect(Buffer.from(emitModel(graph, emission).bytes).includes('FusedMatMul')).toBe(false);
      const actual = await runGraph(graph, feeds, emission);
      const expected = evaluate(graph, feeds);
      for (const name of graph.outputs.keys()) {
        expect(worstError(actual[name], expected[name]), name).toBeLessThan(1e-5);
      }
    },
  );
});
