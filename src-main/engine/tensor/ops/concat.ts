import { normalizeAxis } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { slice } from './slice.ts';

type ConcatAttributes = { readonly axis: number };

const rule: OpRule<ConcatAttributes> = {
  op: 'concat',
  halfPrecision: 'follows',
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    for (const x of inputs) {
      if (
        String(x.shape.with(axis, 0)) !== String(first.shape.with(axis, 0)) ||
        x.dtype !== first.dtype
      ) {
        throw new Error(
          `concat: ${describe(first)} and ${describe(x)} do not join along axis ${axis}`,
        );
      }
    }
    const size = inputs.reduce((sum, x) => sum + x.shape[axis], 0);
    return [{ shape: first.shape.with(axis, size), dtype: first.dtype }];
  },
  vjp: ({ inputs, attributes: { axis } }, [gradient]) => {
    if (!gradient) return [];
    let end = 0;
    return inputs.map((x) => {
      end += x.shape[axis];
      return slice(gradient, axis, end - x.shape[axis], end);
    });
  },
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.add({
      type: 'Concat',
      inputs: inputs.map((x) => emitter.name(x)),
      outputs: [emitter.name(outputs[0])],
      attributes: { axis: { int: attributes.axis } },
    }),
};

/** The values one after the other along an axis. */
export function concat(values: readonly Tensor[], axis: number): Tensor {
  if (values.length === 0) throw new Error('concat: at least one value is needed');
  if (values.length === 1) return values[0];
  return apply(rule, values, { axis: normalizeAxis(axis, values[0].shape.length) });
}
