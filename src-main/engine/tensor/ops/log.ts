import { unaryRule } from '../elementwise.ts';
import { apply, type Tensor } from '../tensor.ts';
import { div } from './div.ts';

const rule = unaryRule('log', 'Log', (x, _y, gradient) => div(gradient, x));

/** Natural logarithm, for x > 0. */
export function log(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
