import { InputError } from '../../../src-shared/inputError.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { expectedTextEncoderWeights, expectedUNetWeights } from '../checkpoint/expectedWeights.ts';
import { quote } from '../files/storedValues.ts';
import type { TensorFile } from '../files/tensorFile.ts';
import type { Shape } from '../tensor/shape.ts';

/** Shapes of the weights that another program's file may change, by their keys. */
export interface ModelWeights {
  /** For messages. */
  readonly path: string;
  readonly unet: ReadonlyMap<string, Shape>;
  readonly textEncoder: ReadonlyMap<string, Shape>;
}

export function weightsOf({ path, configs }: Checkpoint): ModelWeights {
  return {
    path,
    unet: expectedUNetWeights(configs.unet),
    textEncoder: expectedTextEncoderWeights(configs.textEncoder),
  };
}

/** What says that a file was made for another model. */
export function otherModel(file: TensorFile, model: ModelWeights, what: string): InputError {
  return new InputError(
    `${file.path}: ${what} in ${model.path}: choose the model that it was made for`,
  );
}

/** Numbers of a tensor as float32. @throws InputError where something in them is no number */
export function readFinite(file: TensorFile, key: string): Float32Array {
  const values = Float32Array.from(file.read(key).data, Number);
  if (values.every(Number.isFinite)) return values;
  throw new InputError(
    `${file.path}: ${quote(key)} has values that are no numbers: the file is damaged`,
  );
}
