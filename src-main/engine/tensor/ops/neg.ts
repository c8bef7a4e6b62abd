import { carrying, unaryRule } from '../elementwise.ts';
import { apply, type Tensor } from '../tensor.ts';

const rule = carrying(unaryRule('neg', 'Neg', (_x, _y, gradient) => neg(gradient)));

/** -x */
export function neg(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
