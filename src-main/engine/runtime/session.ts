import { emitModel, type OnnxModel } from '../onnx/emit.ts';
import type { Executable, Values } from '../tensor/executable.ts';
import type { Graph } from '../tensor/graph.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TensorData } from '../tensor/tensorData.ts';
import { ort } from './onnxRuntime.ts';

export interface SessionOptions {
  /** Execution providers in the order in which they are tried for each node: 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'. */
  readonly executionProviders: readonly string[];
  /** Threads inside one operator; 0 lets ONNX Runtime choose. */
  readonly threads?: number;
}

/**
 * Compiles a graph for ONNX Runtime. Weights are mapped from the files they came in.
 * Prepacking would copy them into anonymous memory, so it is off. Threads spin between the operators of a run, which is
 * a quarter faster on small graphs, and stop with it: those of idle sessions would slow down the running one
 * (docs/decisions/0005-runtime-options.md).
 */
export function createSession(graph: Graph, options: SessionOptions): Promise<Executable> {
  return openSession(graph, emitFor(graph, options), options);
}

/** Providers that have FusedMatMul; under the others all attention would be computed on the processor. */
const fusingProviders: readonly string[] = ['cpu', 'cuda', 'dml'];

/** Writes a graph for the first of the providers. */
export function emitFor(graph: Graph, { executionProviders: [first] }: SessionOptions): OnnxModel {
  return emitModel(graph, {
    fusesMatmul: fusingProviders.includes(first),
    reshapesFreely: first === 'cpu',
    convolvesThrees: first !== 'webgpu',
  });
}

/** As {@link createSession}, of a graph that has been emitted. */
export async function openSession(
  graph: Graph,
  { bytes, externalDataFolder }: OnnxModel,
  options: SessionOptions,
): Promise<Executable> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [...options.executionProviders],
    graphOptimizationLevel: 'extended',
    enableMemPattern: false,
    intraOpNumThreads: options.threads ?? 0,
    // what goes wrong is thrown; the library need not print it as well
    logSeverityLevel: 4,
    extra: {
      session: {
        disable_prepacking: '1',
        'intra_op.allow_spinning': '1',
        force_spinning_stop: '1',
        ...(externalDataFolder && {
          model_external_initializers_file_folder_path: externalDataFolder,
        }),
      },
    },
  });
  return {
    run: async (inputs) => fromOrt(graph, await session.run(toOrt(graph, inputs))),
    release: () => session.release(),
  };
}

function toOrt(graph: Graph, values: Values): Record<string, ort.Tensor> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, tensor] of graph.inputs) {
    feeds[name] = toOrtTensor(name, tensor, values[name]);
  }
  return feeds;
}

function toOrtTensor(name: string, expected: Tensor, value: TensorData | undefined): ort.Tensor {
  if (!value || value.dtype !== expected.dtype || !sameShape(value.shape, expected.shape)) {
    const given = value ? `${value.dtype} ${formatShape(value.shape)}` : 'nothing';
    const wanted = `${expected.dtype} ${formatShape(expected.shape)}`;
    throw new Error(`run: input '${name}' must be ${wanted}, not ${given}`);
  }
  return new ort.Tensor(value.dtype, value.data, expected.shape);
}

function fromOrt(graph: Graph, results: ort.InferenceSession.OnnxValueMapType): Values {
  const values: Record<string, TensorData> = {};
  for (const [name, { shape }] of graph.outputs) {
    const { data } = results[name];
    if (data instanceof Float32Array) values[name] = { dtype: 'float32', shape, data };
    else if (data instanceof Float64Array) values[name] = { dtype: 'float64', shape, data };
    else if (data instanceof BigInt64Array) values[name] = { dtype: 'int64', shape, data };
    else throw new Error(`run: output '${name}' came back as ${results[name].type}`);
  }
  return values;
}
