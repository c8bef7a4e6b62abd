import { applyOp, type OpRule, type Tensor } from '../tensor.ts';
import { requireFloatOrHalf } from '../typeInference.ts';
import { add } from './add.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

const rule: OpRule<Record<string, never>> = {
  op: 'silu',
  halfPrecision: 'carries',
  infer: ([x]) => [requireFloatOrHalf('silu', x), requireFloatOrHalf('silu', x)],
  vjp: ({ outputs: [y, sigmoid] }, [gradient, ofSigmoid]) => {
    if (ofSigmoid) throw new Error('silu: its second output has no gradient');
    return [gradient && mul(gradient, add(y, mul(sigmoid, sub(1, y))))];
  },
  emit: ({ inputs: [x], outputs: [y, sigmoid] }, emitter) => {
    const [xName, yName, sigmoidName] = [x, y, sigmoid].map((value) => emitter.name(value));
    emitter.add({ type: 'Sigmoid', inputs: [xName], outputs: [sigmoidName] });
    emitter.add({ type: 'Mul', inputs: [xName, sigmoidName], outputs: [yName] });
  },
};

/** x * sigmoid(x). The derivative, y + sigmoid (1 - y), reuses both factors. */
export function silu(x: Tensor): Tensor {
  return applyOp(rule, [x], {})[0];
}
