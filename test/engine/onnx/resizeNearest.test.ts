import { expect, test } from 'vitest';
import { createGraph } from '../../../src-main/engine/tensor/graph.ts';
import { input } from '../../../src-main/engine/tensor/ops/input.ts';
import { resizeNearest } from '../../../src-main/engine/tensor/ops/resizeNearest.ts';
import { runGraph } from '../../support/runGraph.ts';

const longest = 40;

/** torch's rule (nearest_neighbor_compute_source_index): the factor is a float32, and so is each product. */
function torchSource(index: number, source: number, target: number): number {
  const product = Math.fround(index * Math.fround(source / target));
  return Math.min(Math.floor(product), source - 1);
}

test('every size up to 40 becomes every size up to 80 as in torch', async () => {
  for (let source = 1; source <= longest; source++) {
    const x = input('x', [1, 1, source, 1]);
    const targets = Array.from({ length: 2 * longest }, (_, i) => i + 1);
    const graph = createGraph(
      Object.fromEntries(targets.map((target) => [`to${target}`, resizeNearest(x, [target, 1])])),
    );
    const actual = await runGraph(graph, { x: Array.from({ length: source }, (_, i) => i) });
    for (const target of targets) {
      const expected = Array.from({ length: target }, (_, i) => torchSource(i, source, target));
      expect(actual[`to${target}`], `${source} -> ${target}`).toEqual(expected);
    }
  }
});
