import { formatShape, sameShape } from './shape.ts';
import type { Node, Tensor } from './tensor.ts';
import { topologicalOrder } from './topologicalOrder.ts';

/** What a job asks for: named values. All they depend on belongs to the graph, nothing else does. */
export interface Graph {
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Nodes in execution order: exactly those that the outputs need. */
  readonly nodes: readonly Node[];
  /** The inputs that the outputs depend on, by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/**
 * Collects what the outputs need and verifies it.
 *
 * @throws Error naming the value, when two inputs share a name, an input or output has a storage type, or an output is
 *   missing.
 */
export function createGraph(outputs: Readonly<Record<string, Tensor>>): Graph {
  const named = new Map(Object.entries(outputs));
  if (named.size === 0) throw new Error('graph: at least one output is needed');
  const nodes = topologicalOrder([...named.values()]);
  const inputs = new Map<string, Tensor>();
  for (const node of nodes) {
    verifyNode(node);
    if (node.op === 'input') addInput(inputs, String(node.attributes.name), node.outputs[0]);
  }
  for (const [name, tensor] of named) verifyOutput(name, tensor, inputs);
  return { outputs: named, nodes, inputs };
}

function addInput(inputs: Map<string, Tensor>, name: string, tensor: Tensor): void {
  if (inputs.has(name)) throw new Error(`graph: two inputs are named '${name}'`);
  verifyTravels(name, tensor);
  inputs.set(name, tensor);
}

function verifyOutput(name: string, tensor: Tensor, inputs: ReadonlyMap<string, Tensor>): void {
  verifyTravels(name, tensor);
  if (inputs.has(name)) throw new Error(`graph: '${name}' names an input and an output`);
}

/** float16 values cannot cross into Node (onnxruntime-node refuses them, decision 0005); bool never needs to. */
function verifyTravels(name: string, tensor: Tensor): void {
  if (tensor.dtype === 'float16' || tensor.dtype === 'bfloat16' || tensor.dtype === 'bool') {
    throw new Error(
      `graph: '${name}' is ${tensor.dtype}, which cannot enter or leave a graph; cast it`,
    );
  }
}

function verifyNode(node: Node): void {
  for (const [index, output] of node.outputs.entries()) {
    if (output.node !== node || output.index !== index) {
      throw new Error(`internal: output ${index} of '${node.op}' belongs to another node`);
    }
    if (!output.shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
      throw new Error(`internal: '${node.op}' makes a value ${formatShape(output.shape)}`);
    }
  }
  for (const input of node.inputs) {
    const produced = input.node.outputs[input.index];
    if (produced !== input || !sameShape(produced.shape, input.shape)) {
      throw new Error(`internal: '${node.op}' takes a value that no node makes`);
    }
  }
}
