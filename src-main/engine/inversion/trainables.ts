import { expectedUNetWeights } from '../checkpoint/expectedWeights.ts';
import { float32 } from '../diffusion/networks.ts';
import type { RandomStream } from '../diffusion/random.ts';
import type { UNetConfig } from '../models/config.ts';
import { attentionKeys, crossAttentionKeys } from '../models/unet.ts';
import { type LoraFactors, replaceWeights, type Weights, withLora } from '../nn/weights.ts';
import type { Compile } from '../tensor/executable.ts';
import { input } from '../tensor/ops/input.ts';
import { runOnce } from '../tensor/runOnce.ts';
import { elementCount, type Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArrays } from './namedArrays.ts';

/** What an inversion method changes in the UNet; the placeholder rows are trained by every method. */
export type UNetChange = { readonly kind: 'none' } | WeightChange | LoraChange;

/** Weights of the UNet, with their shapes. */
export interface WeightChange {
  readonly kind: 'weights';
  readonly weights: ReadonlyMap<string, Shape>;
}

/** Factors beside weights of the UNet. */
export interface LoraChange {
  readonly kind: 'lora';
  readonly layers: ReadonlyMap<string, LoraLayer>;
}

export interface LoraSize {
  readonly rank: number;
  /** The change is scaled by alpha / rank. */
  readonly alpha: number;
}

export interface LoraLayer extends LoraSize {
  /** Of the layer's weight: [out, in]. */
  readonly shape: Shape;
}

/** Custom Diffusion (arXiv 2212.04488): key and value projections of every cross-attention. */
export function crossAttentionKeysAndValues(config: UNetConfig): WeightChange {
  const wanted = crossAttentionKeys(config).flatMap((key) =>
    ['to_k', 'to_v'].map((name) => `${key}.${name}.weight`),
  );
  return { kind: 'weights', weights: chosen(config, wanted) };
}

/** DreamBooth (arXiv 2208.12242): every weight of the UNet. */
export function wholeUNet(config: UNetConfig): WeightChange {
  return { kind: 'weights', weights: expectedUNetWeights(config) };
}

/** LoRA (arXiv 2106.09685) on query, key, value and output of every attention. */
export function attentionLora(config: UNetConfig, lora: LoraSize): LoraChange {
  const layers = attentionKeys(config).flatMap((key) =>
    ['to_q', 'to_k', 'to_v', 'to_out.0'].map((name) => `${key}.${name}`),
  );
  const weights = chosen(
    config,
    layers.map((layer) => `${layer}.weight`),
  );
  const changed = layers.map((layer) => {
    const shape = weights.get(`${layer}.weight`) ?? [];
    return [layer, { ...lora, shape }] as const;
  });
  return { kind: 'lora', layers: new Map(changed) };
}

function chosen(config: UNetConfig, keys: readonly string[]): Map<string, Shape> {
  const all = expectedUNetWeights(config);
  return new Map(
    keys.map((key) => {
      const shape = all.get(key);
      if (!shape) throw new Error(`internal: the UNet has no weight '${key}'`);
      return [key, shape];
    }),
  );
}

/** Shapes of the trained values by name. LoRA factors carry PEFT's names. */
export function changeShapes(change: UNetChange): Map<string, Shape> {
  if (change.kind === 'none') return new Map();
  if (change.kind === 'weights') return new Map(change.weights);
  return new Map(
    [...change.layers].flatMap(([layer, { rank, shape }]): [string, Shape][] => [
      [loraDownName(layer), [rank, shape[1]]],
      [loraUpName(layer), [shape[0], rank]],
    ]),
  );
}

export function loraDownName(layer: string): string {
  return `${layer}.lora_A.weight`;
}

export function loraUpName(layer: string): string {
  return `${layer}.lora_B.weight`;
}

/** The UNet's weights with the trained ones in their places, and the graph inputs that those are, by name. */
export function applyChange(
  weights: Weights,
  change: UNetChange,
): { readonly weights: Weights; readonly inputs: ReadonlyMap<string, Tensor> } {
  const shapes = changeShapes(change);
  const inputs = new Map([...shapes].map(([name, shape]) => [name, input(name, shape)]));
  if (change.kind === 'none') return { weights, inputs };
  if (change.kind === 'weights') return { weights: replaceWeights(weights, inputs), inputs };
  return { weights: withLora(weights, loraFactors(change, inputs)), inputs };
}

function loraFactors(
  { layers }: LoraChange,
  inputs: ReadonlyMap<string, Tensor>,
): Map<string, LoraFactors> {
  const factors = new Map<string, LoraFactors>();
  for (const [layer, { alpha, rank }] of layers) {
    const down = inputs.get(loraDownName(layer));
    const up = inputs.get(loraUpName(layer));
    if (down && up) factors.set(layer, { down, up, scale: alpha / rank });
  }
  return factors;
}

/**
 * Where training starts: the model's own weights, or a LoRA that changes nothing yet (down: normal of deviation
 * 1 / rank, up: zeros, as diffusers 0.17).
 */
export async function initialValues(
  change: UNetChange,
  weights: Weights,
  compile: Compile,
  random: RandomStream,
): Promise<NamedArrays> {
  if (change.kind === 'weights') return readWeights(weights, change.weights, compile);
  const values: Record<string, Float32Array> = {};
  for (const [name, shape] of changeShapes(change)) {
    const count = elementCount(shape);
    values[name] = name.endsWith('.lora_A.weight')
      ? random.normal(count).map((value) => value / shape[0])
      : new Float32Array(count);
  }
  return values;
}

/** Numbers of weights, widened to float32 by the runtime itself. */
export async function readWeights(
  weights: Weights,
  shapes: ReadonlyMap<string, Shape>,
  compile: Compile,
): Promise<Record<string, Float32Array>> {
  const tensors = [...shapes].map(([key, shape]) => [key, weights.get(key, shape)] as const);
  const values = await runOnce(compile, Object.fromEntries(tensors));
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, float32(value)]));
}
