import type { Graph } from './graph.ts';
import type { TensorData } from './tensorData.ts';

/** Values by name, as they enter and leave a graph. */
export type Values = Readonly<Record<string, TensorData>>;

/** A graph that can be run. Loops take this and never know what runs it. */
export interface Executable {
  /** Runs the graph once. All inputs of the graph must be given, with their exact shapes. */
  run(inputs: Values): Promise<Values>;
  /** Gives the memory back. */
  release(): Promise<void>;
}

export interface CompileOptions {
  /**
   * Whether half precision (`halfPrecision.ts`) suffices for the graph, or is for who asks for it: gradients come out up to
   * some percent off on devices that add up in float16. Never where absent.
   */
  readonly halfPrecision?: 'suffices' | 'if asked';
}

/** Turns a graph into something that can be run; the worker supplies one for its device. */
export type Compile = (graph: Graph, options?: CompileOptions) => Promise<Executable>;
