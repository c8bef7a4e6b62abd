import { numberOf, numbersOf, type ReferenceOp } from './referenceOp.ts';
import {
  at,
  broadcast,
  countOf,
  forEachIndex,
  generate,
  positionOf,
  type ReferenceValue,
  total,
} from './referenceValue.ts';

/** The last two axes exchanged. */
function transposed(x: ReferenceValue): ReferenceValue {
  const [rows, columns] = x.shape.slice(-2);
  return generate([...x.shape.slice(0, -2), columns, rows], (index) =>
    at(x, [...index.slice(0, -2), index[index.length - 1], index[index.length - 2]]),
  );
}

function product(a: ReferenceValue, b: ReferenceValue): ReferenceValue {
  const [rows, inner] = a.shape.slice(-2);
  const [innerB, columns] = b.shape.slice(-2);
  if (inner !== innerB) throw new Error(`reference: [${a.shape}] times [${b.shape}]`);
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return generate([...batch, rows, columns], (index) => {
    const [stack, row, column] = [index.slice(0, -2), ...index.slice(-2)] as const;
    return total(inner, (k) => at(a, [...stack, row, k]) * at(b, [...stack, k, column]));
  });
}

const matmul: ReferenceOp = ([a, b], attributes) => {
  const left = attributes.transposeA ? transposed(a) : a;
  const y = product(left, attributes.transposeB ? transposed(b) : b);
  const scale = numberOf(attributes, 'scale', 1);
  return [{ shape: y.shape, data: y.data.map((value) => value * scale) }];
};

const gemm: ReferenceOp = ([a, b, bias], attributes) => {
  const [y] = matmul([a, b], { ...attributes, scale: 1 });
  return [bias ? generate(y.shape, (index) => at(y, index) + at(bias, index)) : y];
};

/** Where a kernel element touches the picture, or undefined in the padding. */
function touched(
  attributes: Parameters<ReferenceOp>[1],
  size: readonly number[],
  output: readonly number[],
  kernel: readonly number[],
): number[] | undefined {
  const padding = numbersOf(attributes, 'padding');
  const place = [0, 1].map((axis) => {
    const start = output[axis] * numberOf(attributes, 'stride') - padding[axis];
    return start + kernel[axis] * numberOf(attributes, 'dilation');
  });
  return place.every((i, axis) => i >= 0 && i < size[axis]) ? place : undefined;
}

/** Positions at which a kernel fits into the padded picture, found by trying. */
function positions(size: number, kernel: number, attributes: Parameters<ReferenceOp>[1]): number[] {
  const [stride, dilation] = ['stride', 'dilation'].map((name) => numberOf(attributes, name));
  const padding = numbersOf(attributes, 'padding');
  return [0, 1].map((axis) => {
    const padded = size + padding[axis] + padding[axis + 2];
    let count = 0;
    while (count * stride + (kernel - 1) * dilation < padded) count++;
    return count;
  });
}

const conv2d: ReferenceOp = ([x, weight, bias], attributes) => {
  const [batch, channels, height, width] = x.shape;
  const [outChannels, , kernelHeight, kernelWidth] = weight.shape;
  const rows = positions(height, kernelHeight, attributes)[0];
  const columns = positions(width, kernelWidth, attributes)[1];
  return [
    generate([batch, outChannels, rows, columns], ([b, o, i, j]) => {
      let sum = bias ? bias.data[o] : 0;
      forEachIndex([channels, kernelHeight, kernelWidth], ([c, ki, kj]) => {
        const place = touched(attributes, [height, width], [i, j], [ki, kj]);
        if (place) sum += at(x, [b, c, ...place]) * at(weight, [o, c, ki, kj]);
      });
      return sum;
    }),
  ];
};

/** Sends each output element of a convolution back to all the elements it was computed from. */
const convTranspose2d: ReferenceOp = ([x, weight], attributes) => {
  const [batch, outChannels, rows, columns] = x.shape;
  const [, channels, kernelHeight, kernelWidth] = weight.shape;
  const size = numbersOf(attributes, 'size');
  const shape = [batch, channels, ...size];
  const data = new Float64Array(countOf(shape));
  forEachIndex([batch, outChannels, rows, columns], ([b, o, i, j]) => {
    forEachIndex([channels, kernelHeight, kernelWidth], ([c, ki, kj]) => {
      const place = touched(attributes, size, [i, j], [ki, kj]);
      if (!place) return;
      data[positionOf(shape, [b, c, ...place])] += at(x, [b, o, i, j]) * at(weight, [o, c, ki, kj]);
    });
  });
  return [{ shape, data }];
};

export const productsReference: Readonly<Record<string, ReferenceOp>> = {
  matmul,
  gemm,
  conv2d,
  convTranspose2d,
};
