import type { NodeEmitter } from './emitter.ts';
import type { Shape } from './shape.ts';

/**
 * Element types of graph values. Networks are written in float32, or in float64 for gradient checks. float16 and bfloat16
 * are storage types of weights, to be cast before computing; `halfPrecision.ts` rewrites finished graphs to float16.
 */
export type DType = 'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'bool';

/** Where a weight's bytes lie: the graph refers to them in place and never holds them. */
export interface WeightLocation {
  /** Absolute path of the file. */
  readonly file: string;
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** A value of a graph: one output of one node. Made by the functions in `ops/`, never changed. */
export interface Tensor {
  readonly node: Node;
  /** Which of the node's outputs this is. */
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What an op says about an output before it is computed. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

export type AttributeValue = number | boolean | string | readonly number[] | object | undefined;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Gradient of a scalar with respect to a value; undefined where none flows. */
export type Gradient = Tensor | undefined;

/** What becomes of an op where a graph is rewritten to half precision. One that says nothing is computed in float32. */
export type HalfPrecision =
  /** A product of many numbers: computed in half precision, in which devices are fastest. */
  | 'computes'
  /** Computed in the precision that its first input has; the others, if any, only come along. */
  | 'carries'
  /** Computed in half precision if none of its inputs has more. */
  | 'follows'
  /** Computed in float32, and its first output given in the precision of its first input. */
  | 'returns'
  /** Nothing is computed: it is its last input, once gradients have been taken. */
  | 'stands';

/** One application of an op. */
export interface Node {
  /** Name of the op: that of its file in `ops/`. */
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly outputs: readonly Tensor[];
  /** Vector-Jacobian product: gradients of the outputs -> gradients of the inputs, or 'none' for an op without one. */
  readonly vjp: 'none' | ((outputGradients: readonly Gradient[]) => readonly Gradient[]);
  readonly halfPrecision: HalfPrecision | undefined;
  readonly emit: (emitter: NodeEmitter) => void;
  /** The same op once more, on other inputs of the same types. */
  readonly again: (inputs: readonly Tensor[]) => readonly Tensor[];
}

/** Inputs and attributes of one application, as an op's rule sees them. */
export interface Application<A extends Attributes> {
  readonly inputs: readonly Tensor[];
  readonly attributes: A;
  readonly outputs: readonly Tensor[];
}

/** All that Tessera knows about one op; each file in `ops/` defines one. A rule without `vjp` does not compile. */
export interface OpRule<A extends Attributes = Attributes> {
  readonly op: string;
  /** Shapes and element types of the outputs. @throws Error that names the op and the values that do not fit. */
  readonly infer: (inputs: readonly Tensor[], attributes: A) => readonly TensorType[];
  readonly vjp:
    | 'none'
    | ((node: Application<A>, outputGradients: readonly Gradient[]) => readonly Gradient[]);
  readonly halfPrecision?: HalfPrecision | ((attributes: A) => HalfPrecision | undefined);
  readonly emit: (node: Application<A>, emitter: NodeEmitter) => void;
}

/** Applies an op to values: the only place where nodes come into being. */
export function applyOp<A extends Attributes>(
  rule: OpRule<A>,
  inputs: readonly Tensor[],
  attributes: A,
): readonly Tensor[] {
  const outputs: Tensor[] = [];
  const application = { inputs, attributes, outputs };
  const { vjp, halfPrecision } = rule;
  const node: Node = {
    op: rule.op,
    inputs,
    attributes,
    outputs,
    vjp: vjp === 'none' ? 'none' : (gradients) => vjp(application, gradients),
    halfPrecision: typeof halfPrecision === 'function' ? halfPrecision(attributes) : halfPrecision,
    emit: (emitter) => rule.emit(application, emitter),
    again: (others) => applyOp(rule, others, attributes),
  };
  for (const [index, type] of rule.infer(inputs, attributes).entries()) {
    outputs.push({ node, index, ...type });
  }
  return outputs;
}

/** {@link applyOp} for an op with one output. */
export function apply<A extends Attributes>(
  rule: OpRule<A>,
  inputs: readonly Tensor[],
  attributes: A,
): Tensor {
  return applyOp(rule, inputs, attributes)[0];
}
