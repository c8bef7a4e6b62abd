import type { DeviceName, Precision } from '../../../src-shared/api.ts';
import { emitModel } from '../onnx/emit.ts';
import { createGraph, type Graph } from '../tensor/graph.ts';
import { inHalfPrecision } from '../tensor/halfPrecision.ts';
import { conv2d } from '../tensor/ops/conv2d.ts';
import { input } from '../tensor/ops/input.ts';
import { matmul } from '../tensor/ops/matmul.ts';
import { mul } from '../tensor/ops/mul.ts';
import { reshape } from '../tensor/ops/reshape.ts';
import { softmax } from '../tensor/ops/softmax.ts';
import { transpose } from '../tensor/ops/transpose.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ort } from './onnxRuntime.ts';

/**
 * Tries a device out, without help by the processor: a product that can be checked, then a piece of work like a UNet's.
 *
 * @returns the speed of that work in 10^9 multiplications and additions a second, each counted
 * @throws Error where the device cannot be had, or computes wrongly
 */
export async function measureDevice(
  device: DeviceName,
  precision: Exclude<Precision, 'auto'>,
): Promise<number> {
  const rewrite = precision === 'float16' ? inHalfPrecision : (graph: Graph) => graph;
  await multiply(device, rewrite);
  return timeBlock(device, rewrite);
}

type Rewrite = (graph: Graph) => Graph;

async function multiply(device: DeviceName, rewrite: Rewrite): Promise<void> {
  const matrix = input('matrix', [2, 2]);
  const graph = rewrite(createGraph({ product: matmul(matrix, matrix) }));
  await withSession(device, graph, async (session) => {
    const feeds = { matrix: new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]) };
    const { product } = await session.run(feeds);
    const values = Array.from(product.data, Number).join(', ');
    if (values === '7, 10, 15, 22') return;
    throw new Error(`it multiplies wrongly: [1 2; 3 4] squared came out as ${values}`);
  });
}

/** Of the first blocks of Stable Diffusion 1.5's UNet. */
const channels = 320;
const heads = 8;
/** Sides of latents, from one that costs a slow device seconds to one that keeps a fast one busy. */
const sides = [8, 16, 32] as const;
/** Milliseconds from which on a larger one would tell nothing new. */
const longEnough = 20;
/** Milliseconds after which no further run begins. */
const patience = 1000;

async function timeBlock(device: DeviceName, rewrite: Rewrite): Promise<number> {
  let speed = 0;
  for (const side of sides) {
    const graph = rewrite(createGraph({ y: block(side) }));
    const milliseconds = await shortestRun(device, graph);
    speed = workOf(side) / 1e6 / milliseconds;
    if (milliseconds > longEnough) break;
  }
  return speed;
}

/** Multiplications and additions of {@link block}. */
function workOf(side: number): number {
  const tokens = side * side;
  const convolution = 2 * 9 * channels * channels * tokens;
  const attention = 2 * 2 * tokens * tokens * channels;
  return 2 * convolution + attention;
}

/** Milliseconds: the best of a few runs. The first prepares the device, and must do where it takes long. */
async function shortestRun(device: DeviceName, graph: Graph): Promise<number> {
  const feeds = Object.fromEntries(
    Array.from(graph.inputs, ([name, { shape }]) => {
      const values = new Float32Array(shape.reduce((a, b) => a * b)).fill(1e-3);
      return [name, new ort.Tensor('float32', values, shape)];
    }),
  );
  return withSession(device, graph, async (session) => {
    const runs: number[] = [];
    const end = performance.now() + patience;
    do {
      const start = performance.now();
      await session.run(feeds);
      runs.push(performance.now() - start);
    } while (runs.length < 4 && performance.now() < end);
    return Math.min(...runs);
  });
}

/** Two convolutions with self-attention between them. */
function block(side: number): Tensor {
  const kernel = input('kernel', [channels, channels, 3, 3]);
  const attributes = { stride: 1, dilation: 1, padding: [1, 1, 1, 1] } as const;
  const x = conv2d(input('x', [1, channels, side, side]), kernel, undefined, attributes);
  // [1, channels, side, side] -> [heads, channels / heads, tokens]
  const columns = reshape(x, [heads, channels / heads, side * side]);
  const rows = transpose(columns, [0, 2, 1]);
  const probabilities = softmax(mul(matmul(rows, columns), Math.sqrt(heads / channels)));
  const attended = transpose(matmul(probabilities, rows), [0, 2, 1]);
  // [heads, channels / heads, tokens] -> [1, channels, side, side]
  return conv2d(reshape(attended, [1, channels, side, side]), kernel, undefined, attributes);
}

async function withSession<T>(
  device: DeviceName,
  graph: Graph,
  use: (session: ort.InferenceSession) => Promise<T>,
): Promise<T> {
  const session = await ort.InferenceSession.create(emitModel(graph).bytes, {
    executionProviders: [device],
    logSeverityLevel: 4,
    extra: device === 'cpu' ? {} : { session: { disable_cpu_ep_fallback: '1' } },
  });
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}
