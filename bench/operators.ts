/**
 * Times the choices between ways to compute the same thing that Tessera's graphs of Stable Diffusion 1.5 at 512 pixels
 * rest on, on the processor, round by round in turn. See README.md beside this file.
 *
 *   node bench/operators.ts [threads] [rounds]
 */
import { chunkedAttention } from '../src-main/engine/nn/attention.ts';
import { convolveDoubled } from '../src-main/engine/nn/resample.ts';
import { median } from '../src-main/engine/numbers.ts';
import { createSession } from '../src-main/engine/runtime/session.ts';
import type { Executable } from '../src-main/engine/tensor/executable.ts';
import { vjp } from '../src-main/engine/tensor/gradient.ts';
import { createGraph, type Graph } from '../src-main/engine/tensor/graph.ts';
import { floatConstant } from '../src-main/engine/tensor/ops/constant.ts';
import { conv2d } from '../src-main/engine/tensor/ops/conv2d.ts';
import { convTranspose2d } from '../src-main/engine/tensor/ops/convTranspose2d.ts';
import { gelu } from '../src-main/engine/tensor/ops/gelu.ts';
import { gemm } from '../src-main/engine/tensor/ops/gemm.ts';
import { input } from '../src-main/engine/tensor/ops/input.ts';
import { matmul } from '../src-main/engine/tensor/ops/matmul.ts';
import { mul } from '../src-main/engine/tensor/ops/mul.ts';
import { reduceSum } from '../src-main/engine/tensor/ops/reduceSum.ts';
import { reshape } from '../src-main/engine/tensor/ops/reshape.ts';
import { resizeNearest } from '../src-main/engine/tensor/ops/resizeNearest.ts';
import { split } from '../src-main/engine/tensor/ops/split.ts';
import { transpose } from '../src-main/engine/tensor/ops/transpose.ts';
import { elementCount } from '../src-main/engine/tensor/shape.ts';
import { apply, type OpRule, type Tensor } from '../src-main/engine/tensor/tensor.ts';
import { float32Data } from '../src-main/engine/tensor/tensorData.ts';

const [threads, rounds] = [Number(process.argv[2] ?? 2), Number(process.argv[3] ?? 7)];

/** Ways to compute one thing. */
type Choice = Readonly<Record<string, () => readonly Tensor[]>>;

const same = { stride: 1, dilation: 1, padding: [1, 1, 1, 1] } as const;

/** Output and gradients of self-attention, with so many scores in memory at once. */
function attentionInChunks(tokens: number, channels: number, largest: number) {
  const [query, key, value, cotangent] = ['query', 'key', 'value', 'cotangent'].map((name) =>
    input(name, [1, tokens, channels]),
  );
  const output = chunkedAttention(query, key, value, 8, largest);
  return [output, ...vjp([output], [cotangent], [query, key, value])];
}

/** ONNX Runtime's own kernel, which WebGPU computed wrong by up to 14 % on software. */
const multiHeadAttention: OpRule<{ readonly heads: number }> = {
  op: 'multiHeadAttention',
  infer: ([query]) => [{ shape: query.shape, dtype: query.dtype }],
  vjp: () => [],
  emit: ({ inputs, outputs: [output], attributes: { heads } }, emitter) =>
    emitter.add({
      type: 'MultiHeadAttention',
      domain: 'com.microsoft',
      inputs: inputs.map((x) => emitter.name(x)),
      outputs: [emitter.name(output)],
      attributes: { num_heads: { int: heads } },
    }),
};

/** Attention without a gradient. */
function attentionForward(queries: number, keys: number, channels: number): Choice {
  const sources = () => [
    input('query', [1, queries, channels]),
    input('key', [1, keys, channels]),
    input('value', [1, keys, channels]),
  ];
  return {
    'head by head, in chunks': () => {
      const [query, key, value] = sources();
      return [chunkedAttention(query, key, value, 8)];
    },
    MultiHeadAttention: () => [apply(multiHeadAttention, sources(), { heads: 8 })],
  };
}

/** Keys and values of a prompt for all sixteen layers that look at it, which a picture's steps compute anew. */
function textProducts(): readonly Tensor[] {
  const text = input('text', [77, 768]);
  return [...[320, 640, 1280].flatMap((channels) => new Array(5).fill(channels)), 1280].flatMap(
    (channels: number, layer) =>
      ['key', 'value'].map((name) =>
        gemm(text, input(`${name}${layer}`, [channels, 768]), { transposeB: true }),
      ),
  );
}

/** The gradient of a 3 x 3 convolution's picture, three ways; the last is what the second costs without turning. */
function convolutionGradient(channels: number, side: number): Choice {
  const gradient = () => input('gradient', [1, channels, side, side]);
  const weight = () => input('weight', [channels, channels, 3, 3]);
  const turned = () => {
    const exchange = Array.from({ length: 81 }, (_, index) =>
      Number(index % 8 === 0 && index > 0 && index < 80),
    );
    const taps = reshape(weight(), [channels, channels, 9]);
    const product = matmul(taps, floatConstant([9, 9], exchange, 'float32'));
    return reshape(transpose(product, [1, 0, 2]), [channels, channels, 3, 3]);
  };
  return {
    ConvTranspose: () => [convTranspose2d(gradient(), weight(), same, [side, side])],
    'Conv, kernel turned': () => [conv2d(gradient(), turned(), undefined, same)],
    'Conv alone': () => [conv2d(gradient(), weight(), undefined, same)],
  };
}

/** A gate of the feed-forward layers with its gradient. */
function gateOf(tokens: number, channels: number): Choice {
  const inner = 4 * channels;
  const x = () => input('x', [tokens, channels]);
  const gated = ([value, gating]: readonly Tensor[], from: Tensor) => {
    const output = mul(value, gelu(gating));
    return [output, ...vjp([output], [input('cotangent', output.shape)], [from])];
  };
  const product = (from: Tensor, name: string, size: number) =>
    gemm(from, input(name, [size, channels]), { transposeB: true });
  return {
    'one product, cut': () => {
      const from = x();
      return gated(split(product(from, 'both', 2 * inner), 1, [inner, inner]), from);
    },
    'two products': () => {
      const from = x();
      return gated([product(from, 'value', inner), product(from, 'gate', inner)], from);
    },
  };
}

/** A 3 x 3 convolution of a picture whose pixels are doubled. */
function doubled(channels: number, side: number): Choice {
  const operands = () =>
    [
      input('x', [1, channels, side, side]),
      input('weight', [channels, channels, 3, 3]),
      input('bias', [channels]),
    ] as const;
  return {
    'doubled, then convolved': () => {
      const [x, weight, bias] = operands();
      return [conv2d(resizeNearest(x, [2 * side, 2 * side]), weight, bias, same)];
    },
    'four kernels of 2 x 2': () => [convolveDoubled(...operands())],
  };
}

const mebibytes = [4, 8, 16, 32, 64];
const choices: Readonly<Record<string, Choice>> = {
  'attention and its gradient, 8 heads, 4,096 tokens, 320 channels, scores in memory':
    Object.fromEntries(
      mebibytes.map((size) => [
        `${size} MiB`,
        () => attentionInChunks(4096, 320, (size * 2 ** 20) / 4),
      ]),
    ),
  'the same, 1,024 tokens, 640 channels': Object.fromEntries(
    mebibytes.map((size) => [
      `${size} MiB`,
      () => attentionInChunks(1024, 640, (size * 2 ** 20) / 4),
    ]),
  ),
  'attention alone, 8 heads, 4,096 tokens, 320 channels': attentionForward(4096, 4096, 320),
  'attention alone, 1,024 tokens, 640 channels': attentionForward(1024, 1024, 640),
  'attention to 77 tokens, 4,096 queries, 320 channels': attentionForward(4096, 77, 320),
  'keys and values of the text': { 'in each step': textProducts },
  'gradient of a convolution, 320 channels, 64 x 64': convolutionGradient(320, 64),
  'gradient of a convolution, 640 channels, 32 x 32': convolutionGradient(640, 32),
  'gradient of a convolution, 1,280 channels, 32 x 32': convolutionGradient(1280, 32),
  'gradient of a convolution, 1,280 channels, 16 x 16': convolutionGradient(1280, 16),
  'convolution of a doubled picture, 1,280 channels, 8 x 8': doubled(1280, 8),
  'convolution of a doubled picture, 1,280 channels, 16 x 16': doubled(1280, 16),
  'convolution of a doubled picture, 640 channels, 32 x 32': doubled(640, 32),
  'convolution of a doubled picture, 512 channels, 128 x 128': doubled(512, 128),
  'gate and its gradient, 4,096 tokens, 320 channels': gateOf(4096, 320),
};

/** One number of each result comes back: what is timed is not to hold the copies into JavaScript. */
function graphOf(results: readonly Tensor[]): Graph {
  const sums = results.map((result) =>
    reduceSum(reshape(result, [elementCount(result.shape)]), [0]),
  );
  return createGraph(Object.fromEntries(sums.map((sum, index) => [`sum${index}`, sum])));
}

async function timeRun(executable: Executable, graph: Graph): Promise<number> {
  const values = Object.fromEntries(
    [...graph.inputs].map(([name, { shape }]) => [
      name,
      float32Data(
        shape,
        Float32Array.from({ length: elementCount(shape) }, (_, index) => Math.sin(index)),
      ),
    ]),
  );
  const start = performance.now();
  await executable.run(values);
  return performance.now() - start;
}

console.log(`threads: ${threads}, rounds: ${rounds}\n`);
for (const [title, choice] of Object.entries(choices)) {
  console.log(title);
  const ways = await Promise.all(
    Object.entries(choice).map(async ([name, build]) => {
      const graph = graphOf(build());
      const executable = await createSession(graph, { executionProviders: ['cpu'], threads });
      return { name, graph, executable, milliseconds: [] as number[] };
    }),
  );
  for (let round = 0; round <= rounds; round++) {
    for (const { executable, graph, milliseconds } of ways) {
      const duration = await timeRun(executable, graph);
      if (round > 0) milliseconds.push(duration);
    }
  }
  for (const { name, executable, milliseconds } of ways) {
    console.log(`  ${name.padEnd(24)} ${median(milliseconds).toFixed(1).padStart(7)} ms`);
    await executable.release();
  }
}
