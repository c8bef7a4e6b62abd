import { applyBinary } from '../elementwise.ts';
import { emitAs } from '../emitter.ts';
import type { OpRule, Tensor } from '../tensor.ts';
import { inferBroadcast } from '../typeInference.ts';
import { sumTo } from './reduceSum.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'add',
  halfPrecision: 'follows',
  infer: (inputs) => [inferBroadcast('add', inputs)],
  vjp: ({ inputs: [a, b] }, [gradient]) => [
    gradient && sumTo(gradient, a.shape),
    gradient && sumTo(gradient, b.shape),
  ],
  emit: emitAs('Add'),
};

/** a + b with broadcasting. */
export function add(a: Tensor | number, b: Tensor | number): Tensor {
  return applyBinary(rule, a, b);
}
