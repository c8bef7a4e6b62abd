import { carrying, unaryRule } from '../elementwise.ts';
import { apply, type Tensor } from '../tensor.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';

const rule = carrying(
  unaryRule('erf', 'Erf', (x, _y, gradient) =>
    mul(gradient, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
  ),
);

/** The error function. */
export function erf(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
