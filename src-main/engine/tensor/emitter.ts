import type { Shape } from './shape.ts';
import type { DType, Tensor, WeightLocation } from './tensor.ts';
import type { TensorData } from './tensorData.ts';

/** An attribute of an ONNX node. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly string: string };

/** What an op needs to write itself as ONNX nodes. `onnx/emit.ts` implements it. */
export interface NodeEmitter {
  /** Whether ONNX Runtime's FusedMatMul may be used. A device that lacks it would leave the product to the processor. */
  readonly fusesMatmul: boolean;
  /** Whether a shape may be computed: a device other than the processor would wait for it in the middle of its work. */
  readonly reshapesFreely: boolean;
  /**
   * Whether convolutions of 6, 9, 15 ... channels come out right. ONNX Runtime 1.30's WebGPU takes a number of channels
   * that 3 divides and 4 does not by threes, and computes something else (docs/decisions/0005).
   */
  readonly convolvesThrees: boolean;
  /** One of the graph's inputs, if it has any. */
  readonly firstInput: Tensor | undefined;
  /** The ONNX name of a value. */
  name(tensor: Tensor): string;
  /** A name for a value between two ONNX nodes of one op. */
  temporary(): string;
  /** Appends a node. An empty input name stands for an optional input that is left out. */
  add(node: {
    readonly type: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
    /** 'com.microsoft' for ONNX Runtime's own ops; ONNX's otherwise. */
    readonly domain?: 'com.microsoft';
  }): void;
  /** States a value's type and shape, where ONNX Runtime cannot tell them. */
  declare(name: string, shape: Shape, dtype: DType): void;
  /** Name of an int64 vector constant, shared by all who ask for the same values. */
  int64Vector(values: readonly number[]): string;
  /** Name of a scalar constant, shared likewise. */
  scalar(value: number, dtype: DType): string;
  /** Name of a vector of ones, shared likewise. */
  ones(size: number, dtype: DType): string;
  /** Declares a graph input. */
  input(tensor: Tensor, name: string): void;
  /** Declares a constant whose values travel inside the model. */
  constant(tensor: Tensor, data: TensorData): void;
  /** Declares a constant whose bytes stay in the file they came in. */
  weight(tensor: Tensor, key: string, location: WeightLocation): void;
}

/** Writes the common case: one op is one ONNX node with the same inputs in the same order and one output. */
export function emitAs(
  type: string,
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
  domain?: 'com.microsoft',
) {
  return (
    node: { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] },
    emitter: NodeEmitter,
  ): void =>
    emitter.add({
      type,
      inputs: node.inputs.map((input) => emitter.name(input)),
      outputs: [emitter.name(node.outputs[0])],
      attributes,
      domain,
    });
}
