import type { Node, Tensor } from './tensor.ts';

/**
 * Every node that the values depend on, each after its inputs. Linear in the graph and free of recursion.
 *
 * @param beyond nodes that are left out, with all that only they depend on
 */
export function topologicalOrder(values: readonly Tensor[], beyond: Iterable<Node> = []): Node[] {
  const order: Node[] = [];
  const visited = new Set<Node>(beyond);
  const stack: { readonly node: Node; next: number }[] = [];
  const visit = (node: Node) => {
    if (visited.has(node)) return;
    visited.add(node);
    stack.push({ node, next: 0 });
  };
  for (const value of values) {
    visit(value.node);
    for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
      if (frame.next < frame.node.inputs.length) {
        visit(frame.node.inputs[frame.next++].node);
      } else {
        order.push(frame.node);
        stack.pop();
      }
    }
  }
  return order;
}
