import type { Compile, Values } from './executable.ts';
import { createGraph } from './graph.ts';
import type { Tensor } from './tensor.ts';

/** Values of a graph that is needed once: compiled, run and released. */
export async function runOnce(
  compile: Compile,
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Values = {},
): Promise<Values> {
  const executable = await compile(createGraph(outputs));
  try {
    return await executable.run(inputs);
  } finally {
    await executable.release();
  }
}
