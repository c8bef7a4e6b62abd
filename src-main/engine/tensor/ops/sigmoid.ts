import { carrying, unaryRule } from '../elementwise.ts';
import { apply, type Tensor } from '../tensor.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

const rule = carrying(
  unaryRule('sigmoid', 'Sigmoid', (_x, y, gradient) => mul(gradient, mul(y, sub(1, y)))),
);

/** 1 / (1 + exp(-x)) */
export function sigmoid(x: Tensor): Tensor {
  return apply(rule, [x], {});
}
