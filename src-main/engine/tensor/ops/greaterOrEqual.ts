import { applyBinary } from '../elementwise.ts';
import { emitAs } from '../emitter.ts';
import type { OpRule, Tensor } from '../tensor.ts';
import { inferBroadcast } from '../typeInference.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'greaterOrEqual',
  infer: (inputs) => [{ ...inferBroadcast('greaterOrEqual', inputs), dtype: 'bool' }],
  vjp: 'none',
  emit: emitAs('GreaterOrEqual'),
};

/** Where a >= b, with broadcasting. A bool value: it has no gradient. */
export function greaterOrEqual(a: Tensor | number, b: Tensor | number): Tensor {
  return applyBinary(rule, a, b);
}
