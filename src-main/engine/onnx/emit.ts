import { parse, relative, sep } from 'node:path';
import type { NodeEmitter } from '../tensor/emitter.ts';
import type { Graph } from '../tensor/graph.ts';
import { onnxDataType } from '../tensor/ops/cast.ts';
import type { Shape } from '../tensor/shape.ts';
import type { DType, Tensor, WeightLocation } from '../tensor/tensor.ts';
import type { TensorData } from '../tensor/tensorData.ts';
import {
  attributeProto,
  encodeModel,
  externalDataLocation,
  type GraphProto,
  valueInfoProto,
} from './proto.ts';

/** A graph as ONNX Runtime takes it. */
export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** The folder that the locations of external weights are relative to, or undefined when there are none. */
  readonly externalDataFolder: string | undefined;
  /** The files that external weights lie in. */
  readonly externalFiles: ReadonlySet<string>;
}

/** What differs between the devices that a model is written for. */
export type EmitOptions = Pick<NodeEmitter, 'fusesMatmul' | 'reshapesFreely' | 'convolvesThrees'>;

const forProcessor: EmitOptions = {
  fusesMatmul: true,
  reshapesFreely: true,
  convolvesThrees: true,
};

/** Writes a graph as an ONNX model. Weights become external data: references into the files they came in. */
export function emitModel(graph: Graph, options: EmitOptions = forProcessor): OnnxModel {
  const emitter = new GraphEmitter(graph, options);
  for (const [name, tensor] of graph.outputs) emitter.claimName(tensor, name);
  for (const node of graph.nodes) node.emit(emitter);
  for (const [name, tensor] of graph.outputs) emitter.output(name, tensor);
  const { externalDataFolder, externalFiles } = emitter;
  return { bytes: encodeModel(emitter.graph), externalDataFolder, externalFiles };
}

class GraphEmitter implements NodeEmitter {
  readonly fusesMatmul: boolean;
  readonly reshapesFreely: boolean;
  readonly convolvesThrees: boolean;
  readonly firstInput: Tensor | undefined;
  readonly graph: GraphProto = {
    name: 'tessera',
    node: [],
    initializer: [],
    input: [],
    output: [],
    valueInfo: [],
  };
  externalDataFolder: string | undefined;
  readonly externalFiles = new Set<string>();
  readonly #names = new Map<Tensor, string>();
  readonly #constants = new Map<string, string>();
  /** Names of the graph's inputs and outputs, which no value in between may have. */
  readonly #taken: ReadonlySet<string>;
  #values = 0;

  constructor({ inputs, outputs }: Graph, options: EmitOptions) {
    this.#taken = new Set([...inputs.keys(), ...outputs.keys()]);
    for (const [name, tensor] of inputs) this.#names.set(tensor, name);
    this.firstInput = inputs.values().next().value;
    this.fusesMatmul = options.fusesMatmul;
    this.reshapesFreely = options.reshapesFreely;
    this.convolvesThrees = options.convolvesThrees;
  }

  /** Lets the node that makes an output write it under its own name. Sources and second names get an Identity. */
  claimName(tensor: Tensor, name: string): void {
    const isSource = tensor.node.inputs.length === 0;
    if (!isSource && !this.#names.has(tensor)) this.#names.set(tensor, name);
  }

  name(tensor: Tensor): string {
    let name = this.#names.get(tensor);
    if (name === undefined) {
      name = this.#fresh(tensor.node.op);
      this.#names.set(tensor, name);
    }
    return name;
  }

  temporary(): string {
    return this.#fresh('temporary');
  }

  add({ type, inputs, outputs, attributes = {}, domain }: Parameters<NodeEmitter['add']>[0]): void {
    this.graph.node.push({
      name: outputs[0],
      opType: type,
      domain,
      input: inputs,
      output: outputs,
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
    });
  }

  declare(name: string, shape: Shape, dtype: DType): void {
    this.graph.valueInfo.push(valueInfoProto(name, onnxDataType[dtype], shape));
  }

  int64Vector(values: readonly number[]): string {
    return this.#shared(`int64[${values}]`, {
      dtype: 'int64',
      shape: [values.length],
      data: BigInt64Array.from(values, BigInt),
    });
  }

  scalar(value: number, dtype: DType): string {
    if (dtype === 'float16') return this.#halfScalar(value);
    const data = scalarData(value, dtype);
    return this.#shared(`${data.dtype}[] ${value}`, data);
  }

  /** ONNX Runtime folds the cast. */
  #halfScalar(value: number): string {
    const identity = `float16[] ${value}`;
    const known = this.#constants.get(identity);
    if (known !== undefined) return known;
    const name = this.#fresh('constant');
    this.#constants.set(identity, name);
    this.add({
      type: 'Cast',
      inputs: [this.scalar(value, 'float32')],
      outputs: [name],
      attributes: { to: { int: onnxDataType.float16 } },
    });
    return name;
  }

  ones(size: number, dtype: DType): string {
    const data: TensorData =
      dtype === 'float64'
        ? { dtype, shape: [size], data: new Float64Array(size).fill(1) }
        : { dtype: 'float32', shape: [size], data: new Float32Array(size).fill(1) };
    return this.#shared(`${data.dtype}[${size}] 1`, data);
  }

  input(tensor: Tensor, name: string): void {
    this.graph.input.push(valueInfoProto(name, onnxDataType[tensor.dtype], tensor.shape));
  }

  constant(tensor: Tensor, data: TensorData): void {
    if (data.data.length > 1) this.#initializer(this.name(tensor), data);
    else
      this.#names.set(tensor, this.#shared(`${tensor.dtype}[${data.shape}] ${data.data[0]}`, data));
  }

  weight(tensor: Tensor, key: string, location: WeightLocation): void {
    const { root } = parse(location.file);
    if (this.externalDataFolder !== undefined && this.externalDataFolder !== root) {
      const drives = `${this.externalDataFolder} and ${root}`;
      throw new Error(
        `weight '${key}': all weights of a model must lie on one drive, not ${drives}`,
      );
    }
    this.externalDataFolder = root;
    this.externalFiles.add(location.file);
    this.graph.initializer.push({
      name: this.name(tensor),
      dataType: onnxDataType[tensor.dtype],
      dims: tensor.shape,
      dataLocation: externalDataLocation,
      externalData: [
        { key: 'location', value: relative(root, location.file).split(sep).join('/') },
        { key: 'offset', value: String(location.offset) },
        { key: 'length', value: String(location.byteLength) },
      ],
    });
  }

  output(name: string, tensor: Tensor): void {
    if (this.name(tensor) !== name) {
      this.add({ type: 'Identity', inputs: [this.name(tensor)], outputs: [name] });
    }
    this.graph.output.push(valueInfoProto(name, onnxDataType[tensor.dtype], tensor.shape));
  }

  #fresh(kind: string): string {
    let name = `${kind}.${this.#values++}`;
    while (this.#taken.has(name)) name = `${kind}.${this.#values++}`;
    return name;
  }

  #shared(identity: string, data: TensorData): string {
    let name = this.#constants.get(identity);
    if (name === undefined) {
      name = this.#fresh('constant');
      this.#constants.set(identity, name);
      this.#initializer(name, data);
    }
    return name;
  }

  #initializer(name: string, { dtype, shape, data }: TensorData): void {
    if (dtype === 'uint8') throw new Error('internal: uint8 is not a type of graph values');
    this.graph.initializer.push({
      name,
      dataType: onnxDataType[dtype],
      dims: shape,
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    });
  }
}

function scalarData(value: number, dtype: DType): TensorData {
  switch (dtype) {
    case 'float32':
      return { dtype, shape: [], data: Float32Array.of(value) };
    case 'float64':
      return { dtype, shape: [], data: Float64Array.of(value) };
    case 'int64':
      return { dtype, shape: [], data: BigInt64Array.of(BigInt(value)) };
    default:
      throw new Error(`internal: no op computes with a ${dtype} number`);
  }
}
