import { unaryRule } from '../elementwise.ts';
import { apply, type Tensor } from '../tensor.ts';
import { cos } from './cos.ts';
import { mul } from './mul.ts';

const rule = unaryRule('sin', 'Sin', (x, _y, gradient) => mul(gradient, cos(x)));

/** Sine of an angle in radians. */
export function sin(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
