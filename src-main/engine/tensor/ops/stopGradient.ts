import { emitAs } from '../emitter.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'stopGradient',
  halfPrecision: 'stands',
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  vjp: () => [undefined],
  emit: emitAs('Identity'),
};

/** x, seen as a constant by differentiation ("detach"). */
export function stopGradient(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
