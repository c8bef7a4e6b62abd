import { applyBinary } from '../elementwise.ts';
import { emitAs } from '../emitter.ts';
import type { OpRule, Tensor } from '../tensor.ts';
import { inferBroadcast } from '../typeInference.ts';
import { neg } from './neg.ts';
import { sumTo } from './reduceSum.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'sub',
  halfPrecision: 'follows',
  infer: (inputs) => [inferBroadcast('sub', inputs)],
  vjp: ({ inputs: [a, b] }, [gradient]) => [
    gradient && sumTo(gradient, a.shape),
    gradient && sumTo(neg(gradient), b.shape),
  ],
  emit: emitAs('Sub'),
};

/** a - b with broadcasting. */
export function sub(a: Tensor | number, b: Tensor | number): Tensor {
  return applyBinary(rule, a, b);
}
