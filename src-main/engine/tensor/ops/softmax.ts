import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { requireFloat } from '../typeInference.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduceSum.ts';
import { sub } from './sub.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'softmax',
  infer: ([x]) => [requireFloat('softmax', x)],
  vjp: ({ outputs: [y] }, [gradient]) => {
    if (!gradient) return [];
    const weighted = mul(gradient, y);
    return [sub(weighted, mul(y, reduceSum(weighted, [-1])))];
  },
  emit: ({ inputs, outputs }, emitter) =>
    emitter.add({
      type: 'Softmax',
      inputs: [emitter.name(inputs[0])],
      outputs: [emitter.name(outputs[0])],
      attributes: { axis: { int: -1 } },
    }),
};

/** exp(x) over its sum along the last axis. */
export function softmax(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
