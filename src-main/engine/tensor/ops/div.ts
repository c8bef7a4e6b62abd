import { applyBinary } from '../elementwise.ts';
import { emitAs } from '../emitter.ts';
import type { OpRule, Tensor } from '../tensor.ts';
import { inferBroadcast } from '../typeInference.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { sumTo } from './reduceSum.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'div',
  infer: (inputs) => [inferBroadcast('div', inputs)],
  vjp: ({ inputs: [a, b], outputs: [y] }, [gradient]) => {
    if (!gradient) return [];
    const perA = div(gradient, b);
    return [sumTo(perA, a.shape), sumTo(neg(mul(perA, y)), b.shape)];
  },
  emit: emitAs('Div'),
};

/** a / b with broadcasting. */
export function div(a: Tensor | number, b: Tensor | number): Tensor {
  return applyBinary(rule, a, b);
}
