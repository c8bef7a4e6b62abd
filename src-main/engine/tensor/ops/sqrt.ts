import { unaryRule } from '../elementwise.ts';
import { apply, type Tensor } from '../tensor.ts';
import { div } from './div.ts';
import { mul } from './mul.ts';

const rule = unaryRule('sqrt', 'Sqrt', (_x, y, gradient) => div(gradient, mul(y, 2)));

/** Square root, for x > 0. */
export function sqrt(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
