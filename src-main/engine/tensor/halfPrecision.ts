import { createGraph, type Graph } from './graph.ts';
import { cast } from './ops/cast.ts';
import type { DType, Node, Tensor } from './tensor.ts';

/**
 * The same graph in mixed precision (Micikevicius et al. 2018, arXiv 1710.03740): products, and what lies between them,
 * in float16; softmax, norms, sums and losses in float32. Inputs and outputs keep their types. Where values of both
 * precisions meet, float32 wins, as under torch's autocast; weights and constants have no say in it. A weight that is
 * stored in float16 is read as it is.
 *
 * Each op's rule says what becomes of it ({@link HalfPrecision}). Gradients are taken before: they are part of the graph.
 * What is smaller than 6e-8 is lost, so a loss is multiplied by a number before it is differentiated.
 */
export function inHalfPrecision(graph: Graph): Graph {
  const rewriting = new Rewriting();
  for (const node of graph.nodes) rewriting.add(node);
  const outputs = Array.from(graph.outputs, ([name, tensor]) => [name, rewriting.restored(tensor)]);
  return createGraph(Object.fromEntries(outputs));
}

class Rewriting {
  /** What stands for a value of the original graph. */
  readonly #made = new Map<Tensor, Tensor>();
  /** Values of the new graph in another type. */
  readonly #casts = new Map<Tensor, Tensor>();
  /** Values of the new graph that follow from no input. */
  readonly #fixed = new Set<Tensor>();

  add(node: Node): void {
    const outputs = this.#rewrite(
      node,
      node.inputs.map((input) => this.#present(input)),
    );
    for (const [index, output] of node.outputs.entries()) this.#made.set(output, outputs[index]);
  }

  /** An output of the original graph in its own type. */
  restored(tensor: Tensor): Tensor {
    return this.#as(tensor.dtype, this.#present(tensor));
  }

  #present(tensor: Tensor): Tensor {
    return this.#made.get(tensor) ?? tensor;
  }

  #rewrite(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
    if (widensStored(node)) return inputs.slice(0, 1);
    switch (node.halfPrecision) {
      case 'computes':
        return this.#again(node, inputs, 'float16');
      case 'carries':
        return this.#again(node, inputs);
      case 'follows':
        return this.#again(node, inputs, this.#common(inputs));
      case 'returns': {
        const [first, ...others] = this.#again(node, inputs, 'float32');
        return [inputs[0].dtype === 'float16' ? this.#as('float16', first) : first, ...others];
      }
      case 'stands':
        return inputs.slice(-1);
      default:
        return this.#again(node, inputs, 'float32');
    }
  }

  /** The precision in which values of both are taken together. */
  #common(inputs: readonly Tensor[]): DType {
    const computed = inputs.filter((input) => !this.#fixed.has(input));
    const deciding = (computed.some(isReal) ? computed : inputs).filter(isReal);
    return deciding.every(({ dtype }) => dtype === 'float16') ? 'float16' : 'float32';
  }

  /** @param dtype of all inputs that can have it; as they are where absent */
  #again(node: Node, inputs: readonly Tensor[], dtype?: DType): readonly Tensor[] {
    const taken = dtype ? inputs.map((input) => this.#as(dtype, input)) : inputs;
    const isSame = taken.every((input, index) => input === node.inputs[index]);
    const outputs = isSame ? node.outputs : node.again(taken);
    if (node.op !== 'input' && taken.every((input) => this.#fixed.has(input))) {
      for (const output of outputs) this.#fixed.add(output);
    }
    return outputs;
  }

  #as(dtype: DType, tensor: Tensor): Tensor {
    if (!isReal(tensor) || tensor.dtype === dtype) return tensor;
    const known = this.#casts.get(tensor);
    if (known?.dtype === dtype) return known;
    const made = cast(tensor, dtype);
    this.#casts.set(tensor, made);
    // back again gives what it came from: nothing is lost where it was float32, nothing gained where it was float16
    this.#casts.set(made, tensor);
    if (this.#fixed.has(tensor)) this.#fixed.add(made);
    return made;
  }
}

/** Of the two precisions that a rewritten graph has; float64 is there on purpose, and stays. */
function isReal({ dtype }: Tensor): boolean {
  return dtype === 'float32' || dtype === 'float16';
}

/** A weight as networks take it: float32 made of the float16 in its file. */
function widensStored({ op, inputs, outputs }: Node): boolean {
  const isWidening = op === 'cast' || op === 'widen';
  return isWidening && inputs[0].dtype === 'float16' && outputs[0].dtype === 'float32';
}
