import { describe, expect, test } from 'vitest';
import { attention, chunkedAttention } from '../../../src-main/engine/nn/attention.ts';
import { vjp } from '../../../src-main/engine/tensor/gradient.ts';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import type { Node, Tensor } from '../../../src-main/engine/tensor/tensor.ts';
import { checkGradient } from '../../support/gradientCheck.ts';
import { drawInputs, real } from '../../support/opCase.ts';
import { runGraph, worstError } from '../../support/runGraph.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';

const heads = 2;
const [batch, queries, keys, channels] = [2, 7, 5, 6];
const shapes = [real(batch, queries, channels), real(batch, keys, channels)];
const specs = [...shapes, real(batch, keys, channels), real(batch, queries, channels)];

type Mix = (query: Tensor, key: Tensor, value: Tensor) => Tensor;

const whole: Mix = (query, key, value) => attention(query, key, value, heads).output;
const chunked =
  (rows: number): Mix =>
  (query, key, value) =>
    chunkedAttention(query, key, value, heads, rows * batch * heads * keys);

/** Output and gradients of attention for a drawn cotangent. */
async function results(mix: Mix): Promise<number[]> {
  const { tensors, feeds } = drawInputs(specs, 'float32', seededRandom(testSeed));
  const [query, key, value, cotangent] = tensors;
  const output = mix(query, key, value);
  const gradients = vjp([output], [cotangent], [query, key, value]);
  const named = gradients.map((gradient, index) => [`gradient${index}`, gradient]);
  const graph = createGraph({ output, ...Object.fromEntries(named) });
  return Object.values(await runGraph(graph, feeds)).flat();
}

describe('attention in chunks', () => {
  test.each([1, 2, 3, 6, 7, 100])('of %i rows is attention', async (rows) => {
    expect(worstError(await results(chunked(rows)), await results(whole))).toBeLessThan(1e-6);
  });

  test.each([1, 3])('of %i rows has its gradient', (rows) => {
    const build = (...values: readonly Tensor[]) => chunked(rows)(values[0], values[1], values[2]);
    const opCase = { name: `chunks of ${rows}`, inputs: specs.slice(0, 3), build };
    expect(checkGradient(opCase, testSeed)).toHaveLength(3);
  });

  test('never holds all scores', () => {
    const [query, key] = [input('query', [1, 64, 8]), input('key', [1, 64, 8])];
    const output = chunkedAttention(query, key, key, heads, 16 * heads * 64);
    const [gradient] = vjp([output], [input('cotangent', output.shape)], [query]);
    const sizes = createGraph({ output, gradient }).nodes.flatMap(({ outputs }) =>
      outputs.map(({ shape }) => shape.reduce((product, size) => product * size, 1)),
    );
    expect(Math.max(...sizes)).toBe(16 * heads * 64);
  });

  test.each([1, heads])('begins a chunk when the one before has ended (%i heads)', (together) => {
    const [query, key] = [input('query', [1, 64, 8]), input('key', [1, 64, 8])];
    const output = chunkedAttention(query, key, key, heads, 16 * together * 64);
    const gradients = vjp([output], [input('cotangent', output.shape)], [query, key]);
    const { nodes } = createGraph({ output, ofQuery: gradients[0], ofKey: gradients[1] });
    // what each node waits for, and how many maps may begin as soon as that is there
    const waitsFor = new Map<Node, ReadonlySet<Node>>();
    const begun = new Map<Node, number>();
    for (const node of nodes) {
      const inherited = node.inputs.flatMap((value) => [...(waitsFor.get(value.node) ?? [])]);
      waitsFor.set(node, new Set(node.op === 'after' ? [node] : inherited));
      if (node.outputs[0].shape[3] !== 64) continue;
      for (const held of waitsFor.get(node) ?? []) begun.set(held, (begun.get(held) ?? 0) + 1);
    }
    // scores, probabilities and the gradient of the scores
    expect(Math.max(...begun.values())).toBe(3);
  });
});
