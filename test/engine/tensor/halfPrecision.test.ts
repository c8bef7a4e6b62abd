import { describe, expect, test } from 'vitest';
import { gradient, vjp } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph, type Graph } from '../../../src-main/engine/tensor/graph.ts';
import { inHalfPrecision } from '../../../src-main/engine/tensor/halfPrecision.ts';
import { add } from '../../../src-main/engine/tensor/ops/add.ts';
import { floatConstant } from '../../../src-main/engine/tensor/ops/constant.ts';
import { gather } from '../../../src-main/engine/tensor/ops/gather.ts';
import { gemm } from '../../../src-main/engine/tensor/ops/gemm.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import { layerNorm } from '../../../src-main/engine/tensor/ops/layerNorm.ts';
import { matmul } from '../../../src-main/engine/tensor/ops/matmul.ts';
import { mul } from '../../../src-main/engine/tensor/ops/mul.ts';
import { sumAll } from '../../../src-main/engine/tensor/ops/reduceSum.ts';
import { reshape } from '../../../src-main/engine/tensor/ops/reshape.ts';
import { silu } from '../../../src-main/engine/tensor/ops/silu.ts';
import { sin } from '../../../src-main/engine/tensor/ops/sin.ts';
import { softmax } from '../../../src-main/engine/tensor/ops/softmax.ts';
import type { DType, Tensor } from '../../../src-main/engine/tensor/tensor.ts';
import { drawInputs, type OpCase } from '../../support/opCase.ts';
import { evaluate } from '../../support/reference/evaluate.ts';
import { countOf } from '../../support/reference/referenceValue.ts';
import { runGraph, worstError } from '../../support/runGraph.ts';
import { normals, seededRandom, testSeed } from '../../support/seededRandom.ts';
import { allCases } from './cases/allCases.ts';

const rows = Object.entries(allCases).flatMap(([op, cases]) =>
  cases.map((opCase) => ({ title: `${op}: ${opCase.name}`, opCase, op })),
);
const withoutGradient = new Set(['topK', 'greaterOrEqual']);

/** A product that changes nothing: what follows gets half precision. */
function product(x: Tensor): Tensor {
  if (x.dtype !== 'float32') return x;
  const column = reshape(x, [countOf(x.shape), 1]);
  return reshape(gemm(column, floatConstant([1, 1], [1], 'float32')), x.shape);
}

/** A case between products, with its gradients. */
function instantiate({ inputs, build }: OpCase, differentiate: boolean) {
  const random = seededRandom(testSeed);
  const { tensors, feeds } = drawInputs(inputs, 'float32', random);
  const output = product(build(...tensors.map(product)));
  if (!differentiate) return { graph: createGraph({ output }), feeds };
  feeds.cotangent = Float64Array.from(normals(random, countOf(output.shape)), Math.fround);
  const cotangent = input('cotangent', output.shape);
  const differentiated = tensors.filter((tensor) => tensor.dtype === 'float32');
  const gradients = vjp([output], [cotangent], differentiated);
  const named = Object.fromEntries(gradients.map((value, i) => [`gradient${i}`, value]));
  return { graph: createGraph({ output, ...named }), feeds };
}

describe(`every op between products in half precision (seed ${testSeed})`, () => {
  test.each(rows)('$title', async ({ op, opCase }) => {
    const { graph, feeds } = instantiate(opCase, !withoutGradient.has(op));
    const actual = await runGraph(inHalfPrecision(graph), feeds);
    const expected = evaluate(graph, feeds);
    for (const name of graph.outputs.keys()) {
      expect(worstError(actual[name], expected[name]), name).toBeLessThan(1e-2);
    }
  });
});

describe('what is computed in which precision', () => {
  const typesOf = (graph: Graph) =>
    inHalfPrecision(graph).nodes.map(({ op, outputs }) => `${op} ${outputs[0].dtype}`);
  const value = (name: string, dtype: DType = 'float32') => input(name, [4, 4], dtype);

  test('products and what lies between them in half, softmax and sums in float32', () => {
    const scores = gemm(silu(gemm(value('x'), value('w'))), value('v'));
    const types = typesOf(createGraph({ loss: sumAll(matmul(softmax(scores), scores)) }));
    expect(types).toEqual(
      expect.arrayContaining([
        'gemm float16',
        'silu float16',
        'softmax float32',
        'reduceSum float32',
      ]),
    );
    expect(types).not.toContain('gemm float32');
    expect(types.at(-1)).toBe('reshape float32');
  });

  test('float32 wins where both meet, and constants have no say', () => {
    const product = gemm(value('x'), value('w'));
    expect(typesOf(createGraph({ y: gemm(add(product, value('z')), value('v')) }))).toContain(
      'add float32',
    );
    const shifted = add(mul(product, 2), floatConstant([4, 4], new Array(16).fill(1), 'float32'));
    const types = typesOf(createGraph({ y: shifted }));
    expect(types).toEqual(expect.arrayContaining(['mul float16', 'add float16']));
  });

  test('a norm gives back what it got; a precise product and its gradient stay in float32', () => {
    const product = gemm(value('x'), value('w'));
    expect(typesOf(createGraph({ y: gemm(layerNorm(product, 1e-5), value('v')) }))).toEqual(
      expect.arrayContaining(['layerNorm float32', 'cast float16']),
    );
    const [x, w] = [value('x'), value('w')];
    const y = matmul(x, w, { precise: true });
    const types = typesOf(createGraph({ y, slope: gradient(sumAll(mul(y, y)), [x])[0] }));
    expect(types.filter((type) => type.startsWith('matmul'))).toEqual([
      'matmul float32',
      'matmul float32',
    ]);
  });

  test('float64 and whole numbers are left alone, and inputs and outputs keep their types', () => {
    const x = value('x', 'float64');
    const rows = gather(gemm(value('table'), value('w')), input('ids', [2], 'int64'));
    const graph = inHalfPrecision(createGraph({ sine: sin(x), rows }));
    expect(graph.nodes.map(({ op, outputs }) => `${op} ${outputs[0].dtype}`)).toEqual(
      expect.arrayContaining(['sin float64', 'gather float16']),
    );
    expect([...graph.outputs.values()].map(({ dtype }) => dtype)).toEqual(['float64', 'float32']);
    expect([...graph.inputs.values()].map(({ dtype }) => dtype)).toEqual(
      expect.arrayContaining(['float64', 'float32', 'int64']),
    );
  });
});
