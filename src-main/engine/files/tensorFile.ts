import type { Shape } from '../tensor/shape.ts';
import type { TensorData } from '../tensor/tensorData.ts';
import type { StoredDType } from './storedDType.ts';

/** Named tensors of a file, whatever its format. */
export interface TensorList {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, { readonly dtype: StoredDType; readonly shape: Shape }>;
}

/** With their numbers. */
export interface TensorFile extends TensorList {
  /** One tensor as numbers, as readTensor gives them. @throws InputError where it is missing or damaged */
  readonly read: (key: string) => TensorData;
}

/** Vectors without a name of their own, as kohya, A1111 and ComfyUI call them in .safetensors files. */
export const unnamedVectors = 'emb_params';
