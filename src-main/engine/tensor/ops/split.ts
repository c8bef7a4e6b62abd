import { normalizeAxis } from '../shape.ts';
import { applyOp, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { concat } from './concat.ts';
import { fill } from './constant.ts';
import { weightRows } from './weight.ts';

type SplitAttributes = { readonly axis: number; readonly sizes: readonly number[] };

const rule: OpRule<SplitAttributes> = {
  op: 'split',
  halfPrecision: 'carries',
  infer: ([x], { axis, sizes }) => {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== x.shape[axis]) {
      throw new Error(`split: ${sizes.join(' + ')} is not axis ${axis} of ${describe(x)}`);
    }
    return sizes.map((size) => ({ shape: x.shape.with(axis, size), dtype: x.dtype }));
  },
  vjp: ({ outputs, attributes: { axis } }, gradients) => [
    concat(
      outputs.map(({ shape, dtype }, index) => gradients[index] ?? fill(shape, 0, dtype)),
      axis,
    ),
  ],
  emit: ({ inputs: [x], outputs, attributes: { axis, sizes } }, emitter) =>
    emitter.add({
      type: 'Split',
      inputs: [emitter.name(x), emitter.int64Vector(sizes)],
      outputs: outputs.map((part) => emitter.name(part)),
      attributes: { axis: { int: axis } },
    }),
};

/**
 * Parts of the given sizes along an axis, which together are all of it. Their gradients are joined in one pass; those
 * of slices would be padded and added up. Rows of a weight, cast or not, are read from its file.
 */
export function split<const Sizes extends readonly number[]>(
  x: Tensor,
  axis: number,
  sizes: Sizes,
): { [Index in keyof Sizes]: Tensor } {
  const attributes = { axis: normalizeAxis(axis, x.shape.length), sizes };
  const parts = splitWeight(x, attributes) ?? applyOp(rule, [x], attributes);
  return parts as { [Index in keyof Sizes]: Tensor };
}

function splitWeight(x: Tensor, { axis, sizes }: SplitAttributes): readonly Tensor[] | undefined {
  const isStored = x.node.op === 'weight';
  const stored = isStored ? x : x.node.inputs[0];
  const widens = x.node.op === 'cast' || x.node.op === 'widen';
  if (axis !== 0 || !(isStored || (widens && stored.node.op === 'weight'))) return undefined;
  rule.infer([x], { axis, sizes });
  let end = 0;
  return sizes.map((size) => {
    end += size;
    const rows = weightRows(stored, end - size, end);
    return isStored ? rows : x.node.again([rows])[0];
  });
}
