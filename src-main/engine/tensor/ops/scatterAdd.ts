import { sameShape } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe, requireFloat } from '../typeInference.ts';
import { fill } from './constant.ts';
import { gather } from './gather.ts';
import { reshape } from './reshape.ts';

type ScatterAttributes = { readonly rows: number };

const rule: OpRule<ScatterAttributes> = {
  op: 'scatterAdd',
  infer: ([updates, indices, table], { rows }) => {
    const expected = [...indices.shape.slice(0, -1), updates.shape[updates.shape.length - 1]];
    if (indices.dtype !== 'int64' || !sameShape(updates.shape, expected)) {
      throw new Error(`scatterAdd: ${describe(indices)} cannot place rows of ${describe(updates)}`);
    }
    return [{ ...requireFloat('scatterAdd', updates), shape: [rows, table.shape[1]] }];
  },
  vjp: ({ inputs: [, indices] }, [gradient]) => [
    // [count, 1] -> [count]
    gradient && gather(gradient, reshape(indices, [indices.shape[0]])),
    undefined,
    gradient,
  ],
  emit: ({ inputs: [updates, indices, table], outputs }, emitter) =>
    emitter.add({
      type: 'ScatterND',
      inputs: [emitter.name(table), emitter.name(indices), emitter.name(updates)],
      outputs: [emitter.name(outputs[0])],
      attributes: { reduction: { string: 'add' } },
    }),
};

/** The transpose of {@link gather}: a table [rows, width] in which each row is the sum of all updates that name it. */
export function scatterAdd(updates: Tensor, indices: Tensor, rows: number): Tensor {
  const width = updates.shape[updates.shape.length - 1];
  const count = indices.shape.reduce((product, size) => product * size, 1);
  return apply(
    rule,
    [
      reshape(updates, [count, width]), // [..., width] -> [count, width]
      reshape(indices, [count, 1]), // [...] -> [count, 1]
      fill([rows, width], 0, updates.dtype),
    ],
    { rows },
  );
}
