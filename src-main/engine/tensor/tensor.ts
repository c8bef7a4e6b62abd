import type { OpAttributes, OpName } from './ops/rules.ts';
import type { Shape } from './shape.ts';

/** Element types of graph values. float16 and bfloat16 are storage types of weights: cast them before computing. */
export type DType = 'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'bool';

/** Where a weight's bytes lie: the graph refers to them in place and never holds them. */
export interface WeightLocation {
  /** Absolute path of the file. */
  readonly file: string;
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** One application of an op. Its outputs are made with it and never change. */
export interface Node<Name extends OpName = OpName> {
  readonly op: Name;
  readonly inputs: readonly Tensor[];
  readonly attributes: OpAttributes[Name];
  readonly outputs: readonly Tensor[];
}

/** A value of a graph: one output of one node. */
export interface Tensor {
  readonly node: Node;
  /** Which of the node's outputs this is. */
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;
}
