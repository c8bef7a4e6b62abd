import { unaryRule } from '../elementwise.ts';
import { apply, type Tensor } from '../tensor.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { sin } from './sin.ts';

const rule = unaryRule('cos', 'Cos', (x, _y, gradient) => neg(mul(gradient, sin(x))));

/** Cosine of an angle in radians. */
export function cos(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
