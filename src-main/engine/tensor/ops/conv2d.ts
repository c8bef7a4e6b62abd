import type { NodeEmitter } from '../emitter.ts';
import { sameShape } from '../shape.ts';
import { type Application, apply, type OpRule, type Tensor } from '../tensor.ts';
import { describe } from '../typeInference.ts';
import { after } from './after.ts';
import { floatConstant } from './constant.ts';
import { convTranspose2d } from './convTranspose2d.ts';
import { matmul } from './matmul.ts';
import { emitPad } from './pad.ts';
import { reduceSum } from './reduceSum.ts';
import { reshape } from './reshape.ts';
import { slice } from './slice.ts';
import { transpose } from './transpose.ts';
import { freshWeight } from './widen.ts';

/** How a kernel moves over the picture. Both axes share stride and dilation. */
export type Conv2dAttributes = {
  readonly stride: number;
  /** Distance between the kernel's elements. */
  readonly dilation: number;
  /** Zeros around the picture: [top, left, bottom, right]. */
  readonly padding: readonly [number, number, number, number];
};

const rule: OpRule<Conv2dAttributes> = {
  op: 'conv2d',
  halfPrecision: 'computes',
  infer: (inputs, attributes) => {
    const [x, weight, bias] = inputs;
    const fits =
      x.shape.length === 4 && weight.shape.length === 4 && x.shape[1] === weight.shape[1];
    const biasFits = !bias || sameShape(bias.shape, [weight.shape[0]]);
    if (!fits || !biasFits || inputs.some((value) => value.dtype !== x.dtype)) {
      throw new Error(`conv2d: ${inputs.map(describe).join(', ')} do not go together`);
    }
    const [height, width] = [0, 1].map((axis) => outputSize(x, weight, attributes, axis));
    return [{ shape: [x.shape[0], weight.shape[0], height, width], dtype: x.dtype }];
  },
  vjp: conv2dVjp,
  emit: ({ inputs, outputs, attributes: { stride, dilation, padding } }, emitter) => {
    const [x, weight, ...bias] = inputs;
    const missing = missingChannels(x, emitter);
    emitter.add({
      type: 'Conv',
      inputs: [
        emitWithChannels(x, missing, emitter),
        emitWithChannels(weight, missing, emitter),
        ...bias.map((value) => emitter.name(value)),
      ],
      outputs: [emitter.name(outputs[0])],
      attributes: {
        strides: { ints: [stride, stride] },
        dilations: { ints: [dilation, dilation] },
        pads: { ints: padding },
      },
    });
  },
};

/** How many channels of zeros a picture needs before a device computes it rightly. */
function missingChannels(
  { shape: [, channels] }: Tensor,
  { convolvesThrees }: NodeEmitter,
): number {
  const isThrees = channels > 3 && channels % 3 === 0 && channels % 4 !== 0;
  return isThrees && !convolvesThrees ? 4 - (channels % 4) : 0;
}

/** Name of a value [any, channels, height, width] with channels of zeros after its own. */
function emitWithChannels(x: Tensor, missing: number, emitter: NodeEmitter): string {
  if (missing === 0) return emitter.name(x);
  const padded = emitter.temporary();
  emitPad(x, { axis: 1, before: 0, after: missing }, padded, emitter);
  return padded;
}

function outputSize(x: Tensor, weight: Tensor, attributes: Conv2dAttributes, axis: number): number {
  const { stride, dilation, padding } = attributes;
  const padded = x.shape[2 + axis] + padding[axis] + padding[2 + axis];
  const size = Math.floor((padded - dilation * (weight.shape[2 + axis] - 1) - 1) / stride) + 1;
  if (size < 1) throw new Error(`conv2d: ${describe(weight)} is larger than ${describe(x)}`);
  return size;
}

function conv2dVjp(
  { inputs: [x, weight, bias], attributes }: Application<Conv2dAttributes>,
  [gradient]: readonly (Tensor | undefined)[],
) {
  if (!gradient) return [];
  return [
    conv2dInputGradient(gradient, weight, attributes, [x.shape[2], x.shape[3]]),
    conv2dWeightGradient(x, gradient, attributes, [weight.shape[2], weight.shape[3]]),
    // [batch, channels, height, width] -> [channels]
    bias && reshape(reduceSum(gradient, [0, 2, 3]), bias.shape),
  ];
}

/**
 * Pixels from which on a kernel is turned: at 32 x 32 and 64 x 64 a transposed convolution takes up to twice as long
 * (docs/performance.md), and turning costs more the more channels there are.
 */
const worthTurning = 512;

/** Gradient of a convolution's picture [batch, in, ...size]: a transposed convolution, computed as what is faster. */
function conv2dInputGradient(
  gradient: Tensor,
  weight: Tensor,
  attributes: Conv2dAttributes,
  size: readonly [number, number],
): Tensor {
  const { stride, dilation, padding } = attributes;
  const [, , kernelHeight, kernelWidth] = weight.shape;
  const [top, left, bottom, right] = padding;
  const [high, wide] = [dilation * (kernelHeight - 1), dilation * (kernelWidth - 1)];
  const turnedPadding = [high - top, wide - left, high - bottom, wide - right] as const;
  const turns =
    stride === 1 && kernelHeight * kernelWidth > 1 && turnedPadding.every((zeros) => zeros >= 0);
  if (!turns || size[0] * size[1] < worthTurning) {
    return convTranspose2d(gradient, weight, attributes, size);
  }
  const turned = turn(weight, gradient);
  return conv2d(gradient, turned, undefined, { stride, dilation, padding: turnedPadding });
}

/**
 * [out, in, ...kernel] -> [in, out, ...kernel], each kernel turned by half a circle: a product with the matrix that
 * exchanges first and last, two to four times as fast as a slice that goes backwards. Made anew in each run, or a copy
 * would be kept.
 *
 * @param earlier what must be there before
 */
function turn(weight: Tensor, earlier: Tensor): Tensor {
  const [out, channels, ...kernel] = weight.shape;
  const taps = kernel[0] * kernel[1];
  const exchange = Array.from({ length: taps * taps }, (_, index) =>
    Math.floor(index / taps) + (index % taps) === taps - 1 ? 1 : 0,
  );
  const held = after(freshWeight(weight, earlier), earlier);
  const flat = reshape(held, [out, channels, taps]);
  const reversed = matmul(flat, floatConstant([taps, taps], exchange, weight.dtype));
  return reshape(transpose(reversed, [1, 0, 2]), [channels, out, ...kernel]);
}

/**
 * Gradient of a convolution's weight [out, in, kernelHeight, kernelWidth]: the picture convolved with the output's
 * gradient as the kernel, batch and channels exchanged, stride and dilation exchanged.
 */
export function conv2dWeightGradient(
  x: Tensor,
  outputGradient: Tensor,
  { stride, dilation, padding }: Conv2dAttributes,
  [kernelHeight, kernelWidth]: readonly [number, number],
): Tensor {
  const exchanged = apply(
    rule,
    [
      transpose(x, [1, 0, 2, 3]), // [in, batch, height, width]
      transpose(outputGradient, [1, 0, 2, 3]), // [out, batch, outHeight, outWidth]
    ],
    { stride: dilation, dilation: stride, padding },
  );
  // a stride that does not divide the picture leaves a rim that no output saw
  const cropped = slice(slice(exchanged, 2, 0, kernelHeight), 3, 0, kernelWidth);
  return transpose(cropped, [1, 0, 2, 3]); // [in, out, kernel...] -> [out, in, kernel...]
}

/** Convolution of pictures [batch, in, height, width] with a weight [out, in, kernelHeight, kernelWidth], bias [out]. */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  attributes: Conv2dAttributes,
): Tensor {
  const kernel = freshWeight(weight, x);
  return apply(rule, bias ? [x, kernel, bias] : [x, kernel], attributes);
}
