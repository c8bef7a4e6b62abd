import { type Application, apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { type Conv2dAttributes, conv2d, conv2dWeightGradient } from './conv2d.ts';
import { freshWeight } from './widen.ts';

type ConvTranspose2dAttributes = Conv2dAttributes & { readonly size: readonly [number, number] };

const rule: OpRule<ConvTranspose2dAttributes> = {
  op: 'convTranspose2d',
  halfPrecision: 'computes',
  infer: ([x, weight], attributes) => {
    const fits =
      x.shape.length === 4 && weight.shape.length === 4 && x.shape[1] === weight.shape[0];
    if (!fits || x.dtype !== weight.dtype) {
      throw new Error(`convTranspose2d: ${describe(x)} and ${describe(weight)} do not go together`);
    }
    for (const axis of [0, 1]) {
      const extra = outputPadding(x, weight, attributes, axis);
      if (extra < 0 || extra >= attributes.stride) {
        throw new Error(
          `convTranspose2d: no picture of size ${attributes.size[axis]} gives ${describe(x)}`,
        );
      }
    }
    return [{ shape: [x.shape[0], weight.shape[1], ...attributes.size], dtype: x.dtype }];
  },
  vjp: convTranspose2dVjp,
  emit: ({ inputs: [x, weight], outputs, attributes }, emitter) =>
    emitter.add({
      type: 'ConvTranspose',
      inputs: [emitter.name(x), emitter.name(weight)],
      outputs: [emitter.name(outputs[0])],
      attributes: {
        strides: { ints: [attributes.stride, attributes.stride] },
        dilations: { ints: [attributes.dilation, attributes.dilation] },
        pads: { ints: attributes.padding },
        output_padding: { ints: [0, 1].map((axis) => outputPadding(x, weight, attributes, axis)) },
      },
    }),
};

/** Rows or columns at the far edge that the strided convolution never reached. */
function outputPadding(
  x: Tensor,
  weight: Tensor,
  { stride, dilation, padding, size }: ConvTranspose2dAttributes,
  axis: number,
): number {
  const reached = stride * (x.shape[2 + axis] - 1) + dilation * (weight.shape[2 + axis] - 1) + 1;
  return size[axis] + padding[axis] + padding[2 + axis] - reached;
}

function convTranspose2dVjp(
  { inputs: [x, weight], attributes }: Application<ConvTranspose2dAttributes>,
  [gradient]: readonly (Tensor | undefined)[],
) {
  if (!gradient) return [];
  const kernel = [weight.shape[2], weight.shape[3]] as const;
  return [
    conv2d(gradient, weight, undefined, attributes),
    conv2dWeightGradient(gradient, x, attributes, kernel),
  ];
}

/**
 * The transpose of {@link conv2d}: [batch, out, outHeight, outWidth] and the convolution's own weight
 * [out, in, kernelHeight, kernelWidth] -> [batch, in, ...size]. `size` is the picture the convolution saw.
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  { stride, dilation, padding }: Conv2dAttributes,
  size: readonly [number, number],
): Tensor {
  return apply(rule, [x, freshWeight(weight, x)], { stride, dilation, padding, size });
}
