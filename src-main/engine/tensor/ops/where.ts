import { emitAs } from '../emitter.ts';
import { broadcastShapes } from '../shape.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe, inferBroadcast } from '../typeInference.ts';
import { fill } from './constant.ts';
import { sumTo } from './reduceSum.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'where',
  halfPrecision: 'follows',
  infer: ([condition, a, b]) => {
    const type = inferBroadcast('where', [a, b]);
    const shape = broadcastShapes(condition.shape, type.shape);
    if (condition.dtype !== 'bool' || !shape) {
      throw new Error(
        `where: ${describe(condition)} cannot choose between ${describe(type)} values`,
      );
    }
    return [{ shape, dtype: type.dtype }];
  },
  vjp: ({ inputs: [condition, a, b] }, [gradient]) => {
    if (!gradient) return [];
    const zero = fill(gradient.shape, 0, gradient.dtype);
    return [
      undefined,
      sumTo(where(condition, gradient, zero), a.shape),
      sumTo(where(condition, zero, gradient), b.shape),
    ];
  },
  emit: emitAs('Where'),
};

/** a where the condition holds, b elsewhere, with broadcasting. */
export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  return apply(rule, [condition, a, b], {});
}
