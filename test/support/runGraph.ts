import { type EmitOptions, emitModel } from '../../src-main/engine/onnx/emit.ts';
import { openSession } from '../../src-main/engine/runtime/session.ts';
import type { Graph } from '../../src-main/engine/tensor/graph.ts';
import type { Tensor } from '../../src-main/engine/tensor/tensor.ts';
import { int64Data, type TensorData } from '../../src-main/engine/tensor/tensorData.ts';
import type { Feeds } from './reference/evaluate.ts';

/**
 * Runs a graph once in ONNX Runtime on the processor. Numbers are given and returned as the reference takes them.
 *
 * @param emission as for another device
 */
export async function runGraph(
  graph: Graph,
  feeds: Feeds,
  emission?: EmitOptions,
): Promise<Record<string, number[]>> {
  const model = emitModel(graph, emission);
  const executable = await openSession(graph, model, { executionProviders: ['cpu'], threads: 1 });
  try {
    const inputs = [...graph.inputs].map(([name, tensor]) => [name, toData(tensor, feeds[name])]);
    const outputs = await executable.run(Object.fromEntries(inputs));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data, Number)]),
    );
  } finally {
    await executable.release();
  }
}

function toData({ shape, dtype }: Tensor, values: ArrayLike<number>): TensorData {
  switch (dtype) {
    case 'int64':
      return int64Data(shape, Array.from(values));
    case 'float64':
      return { dtype, shape, data: Float64Array.from(values) };
    case 'float32':
      return { dtype, shape, data: Float32Array.from(values) };
    default:
      throw new Error(`a ${dtype} cannot be fed`);
  }
}

/** Largest difference, as a part of the largest expected magnitude; Infinity where a number is missing or not finite. */
export function worstError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let scale = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    const difference = Math.abs(actual[i] - expected[i]);
    worst = Number.isFinite(difference) ? Math.max(worst, difference) : Number.POSITIVE_INFINITY;
    if (worst === Number.POSITIVE_INFINITY) return worst;
  }
  return worst / (scale || 1);
}
