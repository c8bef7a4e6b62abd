import { add } from './ops/add.ts';
import { mul } from './ops/mul.ts';
import { reshape } from './ops/reshape.ts';
import { slice } from './ops/slice.ts';
import { elementCount } from './shape.ts';
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

/**
 * x, but not before the others are there: x + 0 * (one element of each). ONNX Runtime runs nodes in any order that their
 * inputs allow, merges equal ones and folds constants; this keeps apart and in order what would otherwise lie in memory
 * side by side.
 */
export function after(x: Tensor, ...others: readonly Tensor[]): Tensor {
  const elements = others.map((other) =>
    slice(reshape(other, [elementCount(other.shape)]), 0, 0, 1),
  );
  const sum = elements.reduce((total, element) => add(total, element));
  return add(x, reshape(mul(sum, 0), []));
}
