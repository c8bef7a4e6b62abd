import { float32Data, type TensorData } from '../tensor/tensorData.ts';
import type { NamedArrays } from './namedArrays.ts';
import { changeShapes, loraDownName, loraUpName, type UNetChange } from './trainables.ts';
import { placeholderRowsName } from './trainExpression.ts';

/** What a training leaves, sorted as a concept file stores it. */
export interface TrainedParts {
  /** [vectors, hiddenSize] */
  readonly rows: Float32Array;
  /** Weights of the UNet that take the place of the model's, by key. */
  readonly replaced: ReadonlyMap<string, TensorData>;
  /** LoRA factors of the UNet by the layer's key. */
  readonly lora: StoredFactors;
  /** The same of the text encoder, which other programs train as well. */
  readonly textLora?: StoredFactors;
}

export type StoredFactors = ReadonlyMap<
  string,
  { readonly down: TensorData; readonly up: TensorData }
>;

/** Sorts the trained values of a method. */
export function trainedParts(change: UNetChange, values: NamedArrays): TrainedParts {
  const shapes = changeShapes(change);
  const value = (name: string) => float32Data(shapes.get(name) ?? [], values[name]);
  const replaced =
    change.kind === 'weights' ? [...shapes.keys()].map((key) => [key, value(key)] as const) : [];
  const layers = change.kind === 'lora' ? [...change.layers.keys()] : [];
  const factors = layers.map((layer) => {
    const [down, up] = [value(loraDownName(layer)), value(loraUpName(layer))];
    return [layer, { down, up }] as const;
  });
  return { rows: values[placeholderRowsName], replaced: new Map(replaced), lora: new Map(factors) };
}
