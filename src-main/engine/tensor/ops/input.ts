import type { Shape } from '../shape.ts';
import { apply, type DType, type OpRule, type Tensor } from '../tensor.ts';

type InputAttributes = { readonly name: string; readonly shape: Shape; readonly dtype: DType };

const rule: OpRule<InputAttributes> = {
  op: 'input',
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  vjp: () => [],
  emit: ({ outputs, attributes }, emitter) => emitter.input(outputs[0], attributes.name),
};

/** A value fed at every run: float32, or int64 for token ids and timesteps. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  return apply(rule, [], { name, shape, dtype });
}
