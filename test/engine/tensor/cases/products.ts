import { type Conv2dAttributes, conv2d } from '../../../../src-main/engine/tensor/ops/conv2d.ts';
import { convTranspose2d } from '../../../../src-main/engine/tensor/ops/convTranspose2d.ts';
import { gemm } from '../../../../src-main/engine/tensor/ops/gemm.ts';
import { matmul } from '../../../../src-main/engine/tensor/ops/matmul.ts';
import { mul } from '../../../../src-main/engine/tensor/ops/mul.ts';
import { type OpCase, type OpCases, real } from '../../../support/opCase.ts';

const flagCombinations = [
  { transposeA: false, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: false },
  { transposeA: true, transposeB: true },
];

/** Shapes of a [rows, inner] and b [inner, columns] as they are stored under the flags. */
function stored({ transposeA, transposeB }: (typeof flagCombinations)[number]) {
  const [a, b] = [
    [2, 5],
    [5, 3],
  ];
  return [transposeA ? a.reverse() : a, transposeB ? b.reverse() : b];
}

const stacks: readonly (readonly [string, number[], number[]])[] = [
  ['one matrix each', [], []],
  ['equal stacks', [2, 3], [2, 3]],
  ['one matrix on the left', [], [2, 3]],
  ['one matrix on the right', [2, 3], []],
  ['a repeated axis', [2, 1], [2, 3]],
  ['both repeated', [2, 1], [3]],
];

function matmulCases(): OpCase[] {
  return flagCombinations.flatMap((flags) => {
    const [a, b] = stored(flags);
    const letters = `${flags.transposeA ? 'A^T' : 'A'} ${flags.transposeB ? 'B^T' : 'B'}`;
    const plain = stacks.map(([name, left, right]) => ({
      name: `${letters}, ${name}`,
      inputs: [real(...left, ...a), real(...right, ...b)],
      build: (x, y) => matmul(x, y, flags),
    })) satisfies OpCase[];
    const scaled: OpCase = {
      name: `${letters}, scaled`,
      inputs: [real(2, 3, ...a), real(2, 3, ...b)],
      build: (x, y) => matmul(x, y, { ...flags, scale: 0.35 }),
    };
    return [...plain, scaled];
  });
}

function gemmCases(): OpCase[] {
  return flagCombinations.flatMap((flags) => {
    const [a, b] = stored(flags);
    const letters = `${flags.transposeA ? 'A^T' : 'A'} ${flags.transposeB ? 'B^T' : 'B'}`;
    const biases = [[3], [2, 3], [2, 1], [1, 3], []].map((shape) => ({
      name: `${letters} + [${shape}]`,
      inputs: [real(...a), real(...b), real(...shape)],
      build: (x, y, bias) => gemm(x, y, flags, bias),
    })) satisfies OpCase[];
    const none: OpCase = {
      name: letters,
      inputs: [real(...a), real(...b)],
      build: (x, y) => gemm(x, y, flags),
    };
    return [none, ...biases];
  });
}

interface Convolution {
  readonly name: string;
  /** [batch, channels, height, width] */
  readonly x: readonly [number, number, number, number];
  readonly outChannels: number;
  readonly kernel: readonly [number, number];
  readonly stride?: number;
  readonly dilation?: number;
  readonly padding?: readonly [number, number, number, number];
}

const around = [1, 1, 1, 1] as const;
const bottomRight = [0, 0, 1, 1] as const;

const convolutions: readonly Convolution[] = [
  { name: '3x3', x: [1, 3, 5, 4], outChannels: 2, kernel: [3, 3], padding: around },
  { name: '3x3 in a batch', x: [2, 3, 4, 5], outChannels: 4, kernel: [3, 3], padding: around },
  { name: '3x3 without padding', x: [2, 2, 5, 6], outChannels: 3, kernel: [3, 3] },
  { name: '3x3 on one pixel', x: [2, 3, 1, 1], outChannels: 2, kernel: [3, 3], padding: around },
  // pictures so large that the gradient is a convolution with the turned kernel
  {
    name: '3x3 over many pixels',
    x: [1, 2, 23, 23],
    outChannels: 3,
    kernel: [3, 3],
    padding: around,
  },
  {
    name: 'dilated over many pixels',
    x: [2, 1, 16, 32],
    outChannels: 2,
    kernel: [3, 3],
    dilation: 2,
    padding: [2, 1, 0, 3],
  },
  { name: '1x1', x: [1, 4, 3, 5], outChannels: 3, kernel: [1, 1] },
  { name: '1x1 in a batch', x: [2, 4, 3, 2], outChannels: 3, kernel: [1, 1] },
  {
    name: 'one channel in and out',
    x: [1, 1, 4, 4],
    outChannels: 1,
    kernel: [3, 3],
    padding: around,
  },
  {
    name: 'stride 2, even',
    x: [1, 2, 6, 8],
    outChannels: 3,
    kernel: [3, 3],
    stride: 2,
    padding: around,
  },
  {
    name: 'stride 2, odd',
    x: [2, 2, 7, 5],
    outChannels: 3,
    kernel: [3, 3],
    stride: 2,
    padding: around,
  },
  {
    name: 'stride 2, odd and even',
    x: [1, 2, 5, 6],
    outChannels: 2,
    kernel: [3, 3],
    stride: 2,
    padding: around,
  },
  {
    name: 'stride 2, zeros at the bottom and right',
    x: [1, 2, 6, 8],
    outChannels: 2,
    kernel: [3, 3],
    stride: 2,
    padding: bottomRight,
  },
  {
    name: 'stride 2, zeros at the bottom and right, odd',
    x: [2, 2, 5, 7],
    outChannels: 3,
    kernel: [3, 3],
    stride: 2,
    padding: bottomRight,
  },
  {
    name: 'stride 2 that leaves a rim',
    x: [1, 2, 6, 8],
    outChannels: 2,
    kernel: [3, 3],
    stride: 2,
  },
  {
    name: 'stride 3 that leaves a rim of two',
    x: [2, 2, 8, 7],
    outChannels: 2,
    kernel: [3, 3],
    stride: 3,
  },
  { name: 'patches', x: [1, 3, 6, 4], outChannels: 4, kernel: [2, 2], stride: 2 },
  { name: '1x1 at stride 2', x: [1, 2, 5, 6], outChannels: 3, kernel: [1, 1], stride: 2 },
  {
    name: 'dilation 2',
    x: [2, 2, 6, 7],
    outChannels: 2,
    kernel: [3, 3],
    dilation: 2,
    padding: [2, 2, 2, 2],
  },
  {
    name: 'dilation 2 at stride 2',
    x: [1, 2, 8, 9],
    outChannels: 2,
    kernel: [3, 3],
    stride: 2,
    dilation: 2,
    padding: around,
  },
  { name: 'a wide kernel', x: [2, 2, 4, 6], outChannels: 2, kernel: [1, 3], padding: [0, 1, 0, 1] },
  {
    name: 'four different paddings',
    x: [1, 2, 4, 4],
    outChannels: 2,
    kernel: [3, 2],
    padding: [2, 0, 1, 3],
  },
  {
    name: 'channels by threes',
    x: [2, 6, 5, 4],
    outChannels: 4,
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
];

function attributesOf({
  stride = 1,
  dilation = 1,
  padding = [0, 0, 0, 0],
}: Convolution): Conv2dAttributes {
  return { stride, dilation, padding };
}

function weightOf({ x, outChannels, kernel }: Convolution) {
  return real(outChannels, x[1], ...kernel);
}

function convolutionCases(): OpCase[] {
  return convolutions.flatMap(
    (convolution) =>
      [
        {
          name: convolution.name,
          inputs: [real(...convolution.x), weightOf(convolution), real(convolution.outChannels)],
          build: (x, weight, bias) => conv2d(x, weight, bias, attributesOf(convolution)),
        },
        {
          name: `${convolution.name}, no bias`,
          inputs: [real(...convolution.x), weightOf(convolution)],
          build: (x, weight) => conv2d(x, weight, undefined, attributesOf(convolution)),
        },
      ] satisfies OpCase[],
  );
}

/** Size of a convolution's output along both axes. */
function outputSize(convolution: Convolution): number[] {
  const { stride, dilation, padding } = attributesOf(convolution);
  return [0, 1].map((axis) => {
    const padded = convolution.x[2 + axis] + padding[axis] + padding[2 + axis];
    return 1 + Math.floor((padded - 1 - dilation * (convolution.kernel[axis] - 1)) / stride);
  });
}

function convTransposeCases(): OpCase[] {
  return convolutions.map((convolution) => {
    const [batch, , height, width] = convolution.x;
    return {
      name: `of ${convolution.name}`,
      inputs: [
        real(batch, convolution.outChannels, ...outputSize(convolution)),
        weightOf(convolution),
      ],
      build: (x, weight) => convTranspose2d(x, weight, attributesOf(convolution), [height, width]),
    };
  });
}

export const productCases: OpCases = {
  matmul: [
    ...matmulCases(),
    { name: 'a matrix with itself', inputs: [real(3, 3)], build: (x) => matmul(x, mul(x, x)) },
    {
      name: 'a matrix with its transpose',
      inputs: [real(2, 3, 4)],
      build: (x) => matmul(x, x, { transposeB: true }),
    },
  ],
  gemm: [
    ...gemmCases(),
    {
      name: 'a matrix thrice',
      inputs: [real(3, 3)],
      build: (x) => gemm(x, x, { transposeB: true }, x),
    },
  ],
  conv2d: convolutionCases(),
  convTranspose2d: convTransposeCases(),
};
