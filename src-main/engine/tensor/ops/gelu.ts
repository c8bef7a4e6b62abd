import { carrying, unaryRule } from '../elementwise.ts';
import { emitAs } from '../emitter.ts';
import { apply, type OpRule, type Tensor } from '../tensor.ts';
import { add } from './add.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

const rule: OpRule<Record<string, never>> = {
  ...carrying(unaryRule('gelu', 'Gelu', (x, _y, gradient) => mul(gradient, derivative(x)))),
  // ONNX has it from opset 20 on, ONNX Runtime has its own with the exact distribution function
  emit: emitAs('Gelu', {}, 'com.microsoft'),
};

/** Phi(x) + x phi(x), in as few passes as there can be. */
function derivative(x: Tensor): Tensor {
  const scaled = mul(x, Math.SQRT1_2);
  const logDensity = sub(Math.log(2 / Math.sqrt(Math.PI)), mul(scaled, scaled));
  return mul(add(add(erf(scaled), mul(scaled, exp(logDensity))), 1), 0.5);
}

/** x * Phi(x) with the exact normal distribution function, as torch's default. */
export function gelu(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
