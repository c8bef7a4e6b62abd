import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { scatterAdd } from './scatterAdd.ts';
import { widen } from './widen.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'gather',
  halfPrecision: 'carries',
  infer: ([table, indices]) => {
    if (table.shape.length !== 2 || indices.dtype !== 'int64') {
      throw new Error(`gather: ${describe(indices)} cannot choose rows of ${describe(table)}`);
    }
    return [{ shape: [...indices.shape, table.shape[1]], dtype: table.dtype }];
  },
  vjp: ({ inputs: [table, indices] }, [gradient]) => [
    gradient && scatterAdd(gradient, indices, table.shape[0]),
    undefined,
  ],
  emit: ({ inputs, outputs }, emitter) =>
    emitter.add({
      type: 'Gather',
      inputs: inputs.map((x) => emitter.name(x)),
      outputs: [emitter.name(outputs[0])],
      attributes: { axis: { int: 0 } },
    }),
};

/** Rows of a table [rows, width] by int64 indices [...]: [..., width]. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  // the rows alone, not all of the table
  if (table.node.op === 'widen') return widen(gather(table.node.inputs[0], indices));
  return apply(rule, [table, indices], {});
}
