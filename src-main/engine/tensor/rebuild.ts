import type { Tensor } from './tensor.ts';
import { topologicalOrder } from './topologicalOrder.ts';

/** A value computed once more, with some of the values it depends on replaced. What does not depend on them is shared. */
export function rebuild(value: Tensor, substitutes: ReadonlyMap<Tensor, Tensor>): Tensor {
  const made = new Map(substitutes);
  for (const node of topologicalOrder([value], sourceNodes(substitutes))) {
    if (!node.inputs.some((input) => made.has(input))) continue;
    const outputs = node.again(node.inputs.map((input) => made.get(input) ?? input));
    for (const [index, output] of node.outputs.entries()) made.set(output, outputs[index]);
  }
  return made.get(value) ?? value;
}

function sourceNodes(substitutes: ReadonlyMap<Tensor, Tensor>) {
  return [...substitutes.keys()].map(({ node }) => node);
}
