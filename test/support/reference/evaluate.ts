import type { Graph } from '../../../src-main/engine/tensor/graph.ts';
import type { Node, Tensor } from '../../../src-main/engine/tensor/tensor.ts';
import { elementwiseReference } from './elementwise.ts';
import { productsReference } from './products.ts';
import { reductionsReference } from './reductions.ts';
import { type ReferenceOp, stringOf } from './referenceOp.ts';
import { countOf, type ReferenceValue } from './referenceValue.ts';
import { shapingReference } from './shaping.ts';
import { constantReference, weightReference } from './sources.ts';

/** Numbers of a graph's inputs by name, in row-major order. */
export type Feeds = Readonly<Record<string, ArrayLike<number>>>;

/** How to compute each op, by the op's name. Plain loops in float64, written from the ops' descriptions. */
export const reference: Readonly<Record<string, ReferenceOp>> = {
  ...elementwiseReference,
  ...shapingReference,
  ...reductionsReference,
  ...productsReference,
  constant: (_, attributes) => [constantReference(attributes)],
  weight: (_, attributes) => [weightReference(attributes)],
  input: () => {
    throw new Error('reference: an input is fed, not computed');
  },
};

/** Computes every output of a graph in float64. Rounding happens at `cast` and nowhere else. */
export function evaluate(graph: Graph, feeds: Feeds): Record<string, Float64Array> {
  const values = new Map<Tensor, ReferenceValue>();
  for (const node of graph.nodes) {
    for (const [index, value] of compute(node, values, feeds).entries()) {
      const tensor = node.outputs[index];
      if (String(value.shape) !== String(tensor.shape)) {
        const shapes = `[${value.shape}] where [${tensor.shape}] is announced`;
        throw new Error(`reference: '${node.op}' makes ${shapes}`);
      }
      values.set(tensor, value);
    }
  }
  return Object.fromEntries(
    [...graph.outputs].map(([name, tensor]) => [name, computed(values, tensor).data]),
  );
}

function compute(
  node: Node,
  values: ReadonlyMap<Tensor, ReferenceValue>,
  feeds: Feeds,
): readonly ReferenceValue[] {
  if (node.op === 'input') return [fed(node, feeds)];
  const op = reference[node.op];
  if (!op) throw new Error(`reference: there is no '${node.op}'`);
  const inputs = node.inputs.map((input) => computed(values, input));
  return op(inputs, node.attributes);
}

function fed(node: Node, feeds: Feeds): ReferenceValue {
  const name = stringOf(node.attributes, 'name');
  const { shape } = node.outputs[0];
  const data = feeds[name];
  if (data?.length !== countOf(shape)) throw new Error(`reference: '${name}' must be [${shape}]`);
  return { shape, data: Float64Array.from(data) };
}

function computed(values: ReadonlyMap<Tensor, ReferenceValue>, tensor: Tensor): ReferenceValue {
  const value = values.get(tensor);
  if (!value) throw new Error(`reference: a value of '${tensor.node.op}' is not computed yet`);
  return value;
}
