import { carrying, unaryRule } from '../elementwise.ts';
import { apply, type Tensor } from '../tensor.ts';
import { mul } from './mul.ts';

const rule = carrying(unaryRule('exp', 'Exp', (_x, y, gradient) => mul(gradient, y)));

/** e to the power x. */
export function exp(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
