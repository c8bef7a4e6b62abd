import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Low-rank change of a layer: y = W x + scale * up (down x) (LoRA, arXiv 2106.09685); of a convolution, down has its
 * kernel and up one of 1 x 1 (as LyCORIS' LoCon).
 */
export interface LoraFactors {
  /** [rank, in, ...kernel] */
  readonly down: Tensor;
  /** [out, rank], of a convolution [out, rank, 1, 1] */
  readonly up: Tensor;
  /** alpha / rank */
  readonly scale: number;
}

/**
 * Where a module finds its weights. Keys are those of a diffusers checkpoint, so a module's field path is its key.
 * A weight may be a constant in a file, a graph input that is being trained, or a replacement that a concept brings:
 * the module cannot tell.
 */
export interface Weights {
  /** The weight of that key as float32, or float64 in gradient checks. @throws Error naming the key when it is missing. */
  get(key: string, shape: Shape): Tensor;
  /** Factors to add to the layer whose weight is `<key>.weight`, if there are any. */
  lora(key: string): LoraFactors | undefined;
}

/** The weights of a module that stands in another under `prefix`. */
export function within(weights: Weights, prefix: string): Weights {
  return {
    get: (key, shape) => weights.get(`${prefix}.${key}`, shape),
    lora: (key) => weights.lora(`${prefix}.${key}`),
  };
}

/** Weights in which some are replaced, by key. */
export function replaceWeights(
  weights: Weights,
  replacements: ReadonlyMap<string, Tensor>,
): Weights {
  return {
    get: (key, shape) => replacements.get(key) ?? weights.get(key, shape),
    lora: (key) => weights.lora(key),
  };
}

/** Weights with low-rank changes, by the layer's key without `.weight`. */
export function withLora(weights: Weights, factors: ReadonlyMap<string, LoraFactors>): Weights {
  return { get: (key, shape) => weights.get(key, shape), lora: (key) => factors.get(key) };
}
