/** Files of named tensors that other programs write, whatever their format. */
import { InputError } from '../../../src-shared/inputError.ts';
import { readStart } from './fileAccess.ts';
import { foreignFormat } from './foreignFormat.ts';
import { readPictureEmbedding } from './pictureEmbedding.ts';
import { openSafetensors, readTensor } from './safetensors.ts';
import { quote } from './storedValues.ts';
import { type TensorFile, unnamedVectors } from './tensorFile.ts';
import { openTorchFile, PickledTensor } from './torchFile.ts';

/**
 * Opens a .safetensors file, a pickle of torch.save or a picture with an embedding in it; of its tensors nothing is read.
 *
 * @throws InputError where it is none of these, or damaged
 */
export function openTensorFile(path: string): TensorFile {
  const { kind } = foreignFormat(readStart(path, 32).bytes) ?? {};
  if (kind === 'zip' || kind === 'pickle') return openPickle(path, kind === 'zip');
  if (kind === 'picture') return readPictureEmbedding(path);
  const file = openSafetensors(path);
  return { ...file, read: (key) => readTensor(file, key) };
}

function openPickle(path: string, isZip: boolean): TensorFile {
  const { value, read } = openTorchFile(path, isZip);
  const { tensors, metadata } = namedTensors(value);
  if (tensors.size === 0) throw new InputError(`${path}: the pickle holds no tensors with names`);
  return {
    path,
    metadata,
    tensors,
    read: (key) => {
      const tensor = tensors.get(key);
      if (!tensor) throw new InputError(`${path}: no tensor ${quote(key)}`);
      return read(tensor);
    },
  };
}

interface Named {
  readonly tensors: ReadonlyMap<string, PickledTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * What programs save: a tensor alone; a dict of tensors, which a checkpoint has under `state_dict`; or a textual
 * inversion, whose vectors stand in `string_to_param` under the word, or under "*" where they have only a `name`.
 */
function namedTensors(value: unknown): Named {
  if (value instanceof PickledTensor) return entriesOf(new Map([[unnamedVectors, value]]));
  if (!(value instanceof Map)) return entriesOf(new Map());
  const vectors = value.get('string_to_param');
  if (!(vectors instanceof Map)) return entriesOf(value.get('state_dict') ?? value);
  const named = [...vectors].map(([key, vector]) => [key === '*' ? unnamedVectors : key, vector]);
  return { ...entriesOf(new Map(named as [])), metadata: entriesOf(value).metadata };
}

/** Tensors and plain values of a dict; what else is in it, such as attention processors without weights, is left out. */
function entriesOf(value: unknown): Named {
  const entries = value instanceof Map ? [...value].filter(([key]) => typeof key === 'string') : [];
  const plain = entries.filter(([, entry]) => /^(string|number)$/.test(typeof entry));
  return {
    tensors: new Map(entries.filter(([, entry]) => entry instanceof PickledTensor)),
    metadata: new Map(plain.map(([key, entry]) => [key, String(entry)])),
  };
}
