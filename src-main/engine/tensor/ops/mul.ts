import { applyBinary } from '../elementwise.ts';
import { emitAs } from '../emitter.ts';
import type { OpRule, Tensor } from '../tensor.ts';
import { inferBroadcast } from '../typeInference.ts';
import { sumTo } from './reduceSum.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'mul',
  halfPrecision: 'follows',
  infer: (inputs) => [inferBroadcast('mul', inputs)],
  vjp: ({ inputs: [a, b] }, [gradient]) => [
    gradient && sumTo(mul(gradient, b), a.shape),
    gradient && sumTo(mul(gradient, a), b.shape),
  ],
  emit: emitAs('Mul'),
};

/** a * b with broadcasting. */
export function mul(a: Tensor | number, b: Tensor | number): Tensor {
  return applyBinary(rule, a, b);
}
