import { emitAs } from '../emitter.ts';
import { vjp } from '../gradient.ts';
import { rebuild } from '../rebuild.ts';
import { type Application, apply, type OpRule, type Tensor } from '../tensor.ts';
import { topologicalOrder } from '../topologicalOrder.ts';
import { describe } from '../typeInference.ts';
import { after } from './after.ts';

/** How many of the inputs, at the start, are sources; parameters follow, and the result comes last. */
type RecomputeAttributes = { readonly sources: number };

const rule: OpRule<RecomputeAttributes> = {
  op: 'recompute',
  halfPrecision: 'stands',
  infer: (inputs) => {
    const result = inputs[inputs.length - 1];
    const other = inputs.find(({ dtype }) => dtype !== result.dtype);
    if (other) throw new Error(`recompute: ${describe(other)} leads to ${describe(result)}`);
    return [{ shape: result.shape, dtype: result.dtype }];
  },
  vjp: recomputeVjp,
  emit: ({ inputs, outputs }, emitter) =>
    emitAs('Identity')({ inputs: inputs.slice(-1), outputs }, emitter),
};

/** The backward pass starts from the sources once more, when the incoming gradient is there and not before. */
function recomputeVjp(
  { inputs, attributes }: Application<RecomputeAttributes>,
  [gradient]: readonly (Tensor | undefined)[],
) {
  if (!gradient) return [];
  const sources = inputs.slice(0, attributes.sources);
  const parameters = inputs.slice(attributes.sources, -1);
  const held = sources.map((source) => after(source, gradient));
  const substitutes = new Map(sources.map((source, index) => [source, held[index]]));
  const result = rebuild(inputs[inputs.length - 1], substitutes);
  // a parameter may also lie before a source: what it does there is not this op's to tell
  const before = held.map(({ node }) => node);
  return [...vjp([result], [gradient], [...held, ...parameters], before), undefined];
}

/**
 * The result of `build`, whose values in between are not kept for the backward pass but computed a second time there
 * (gradient checkpointing, Chen et al. 2016, arXiv 1604.06174): less memory for more time. Gradients flow to the sources
 * and to the graph inputs that the result depends on, not to other values that `build` closes over.
 *
 * @param sources floating-point values of one dtype
 */
export function recompute<const Sources extends readonly Tensor[]>(
  sources: Sources,
  build: (...sources: Sources) => Tensor,
): Tensor {
  const result = build(...sources);
  const nodes = topologicalOrder(
    [result],
    sources.map(({ node }) => node),
  );
  const parameters = nodes
    .filter(({ op, outputs }) => op === 'input' && outputs[0].dtype === result.dtype)
    .map(({ outputs }) => outputs[0]);
  return apply(rule, [...sources, ...parameters, result], { sources: sources.length });
}
