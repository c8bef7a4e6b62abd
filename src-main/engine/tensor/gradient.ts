import { add } from './ops/add.ts';
import { fill } from './ops/constant.ts';
import { elementCount, formatShape } from './shape.ts';
import type { Gradient, Node, Tensor } from './tensor.ts';
import { topologicalOrder } from './topologicalOrder.ts';

/**
 * Gradients of a scalar with respect to any values it depends on: reverse-mode autodiff as a graph-to-graph
 * transformation. The result is ordinary graph values, so a gradient can be emitted or differentiated again.
 * A value that the scalar does not depend on gets zeros.
 *
 * @throws Error when a path from the scalar to a value crosses an op that has no gradient.
 */
export function gradient(scalar: Tensor, withRespectTo: readonly Tensor[]): Tensor[] {
  if (elementCount(scalar.shape) !== 1) {
    throw new Error(`gradient: a scalar is needed, not ${formatShape(scalar.shape)}`);
  }
  return vjp([scalar], [fill(scalar.shape, 1, scalar.dtype)], withRespectTo);
}

/**
 * Vector-Jacobian product: the gradient of sum(outputs * cotangents) with respect to each value.
 *
 * @param constant nodes that no gradient flows through, though they may make some of the values
 */
export function vjp(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  withRespectTo: readonly Tensor[],
  constant: readonly Node[] = [],
): Tensor[] {
  const order = topologicalOrder(outputs, constant);
  const active = nodesDependingOn(withRespectTo, order);
  const gradients = new Map<Tensor, Tensor>();
  for (const [index, output] of outputs.entries()) accumulate(gradients, output, cotangents[index]);
  for (const node of order.reverse()) {
    if (active.has(node)) propagate(node, active, gradients);
  }
  return withRespectTo.map((value) => gradients.get(value) ?? fill(value.shape, 0, value.dtype));
}

/** Nodes on a path from the values to the outputs: only through these does a gradient flow. */
function nodesDependingOn(values: readonly Tensor[], order: readonly Node[]): Set<Node> {
  const active = new Set(values.map((value) => value.node));
  for (const node of order) {
    if (node.inputs.some((input) => active.has(input.node))) active.add(node);
  }
  return active;
}

function propagate(node: Node, active: ReadonlySet<Node>, gradients: Map<Tensor, Tensor>): void {
  const outputGradients = node.outputs.map((output) => gradients.get(output));
  if (outputGradients.every((gradient) => gradient === undefined)) return;
  if (!node.inputs.some((input) => active.has(input.node))) return;
  if (node.vjp === 'none') throw new Error(`gradient: '${node.op}' has no gradient`);
  for (const [index, inputGradient] of node.vjp(outputGradients).entries()) {
    const input = node.inputs[index];
    if (inputGradient && active.has(input.node)) accumulate(gradients, input, inputGradient);
  }
}

function accumulate(gradients: Map<Tensor, Tensor>, value: Tensor, gradient: Gradient): void {
  if (!gradient) return;
  if (String(gradient.shape) !== String(value.shape)) {
    const shapes = `${formatShape(gradient.shape)} for a value ${formatShape(value.shape)}`;
    throw new Error(`internal: '${value.node.op}' received a gradient ${shapes}`);
  }
  const sum = gradients.get(value);
  gradients.set(value, sum ? add(sum, gradient) : gradient);
}
