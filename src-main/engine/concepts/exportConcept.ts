import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ConceptDescription } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import {
  openSafetensors,
  readBytes,
  readTensor,
  type SafetensorsFile,
} from '../files/safetensors.ts';
import { type StreamedTensor, streamSafetensors } from '../files/writeSafetensors.ts';
import { elementCount } from '../tensor/shape.ts';
import { describeConcept, loraScale, notAConcept } from './conceptFile.ts';

/**
 * Files of weights that diffusers (0.17 and later) loads, with the tensors of a concept file that belong into each. Its
 * loaders refuse, or stumble over, tensors that are meant for another one.
 */
const weightsFiles = [
  ['pytorch_custom_diffusion_weights.safetensors', /_custom_diffusion(?:\.0)?\.(?:weight|bias)$/],
  ['pytorch_lora_weights.safetensors', /\.lora(?:_linear_layer)?\.(?:down|up)\.weight$/],
  ['diffusion_pytorch_model.safetensors', /^/],
] as const;
const wordFile = 'learned_embeds.safetensors';

type FileName = (typeof weightsFiles)[number][0] | typeof wordFile;

/**
 * Writes a concept as diffusers has it: its word, and apart from that its weights. The scale of a LoRA, alpha over rank,
 * is multiplied into `up`, for these files have no alpha.
 *
 * @param folder that is there
 * @returns the files written
 * @throws InputError where the file is no concept of Tessera, or the folder has such files or cannot be written to
 */
export function exportConcept(path: string, folder: string): string[] {
  const file = openSafetensors(path);
  const description = describeConcept(file);
  if (!description) throw notAConcept(file);
  const groups = Map.groupBy(file.tensors.keys(), (key) =>
    key === description.token ? wordFile : weightsFileOf(description, key),
  );
  for (const name of groups.keys()) requireAbsent(join(folder, name));
  const written: string[] = [];
  try {
    for (const [name, keys] of groups) {
      const entries = entriesOf[name](file, keys, loraScale(description));
      streamSafetensors(join(folder, name), entries, { format: 'pt' });
      written.push(join(folder, name));
    }
  } catch (error) {
    // A word without its weights would be taken for the whole.
    for (const name of written) rmSync(name, { force: true });
    throw error;
  }
  return written;
}

/** What is there may be a whole UNet of the same name. */
function requireAbsent(path: string): void {
  if (existsSync(path)) throw new InputError(`${path} is there already: choose another folder`);
}

function weightsFileOf({ method }: ConceptDescription, key: string): FileName {
  const name = method === 'custom-diffusion' ? processorKey(key) : key;
  return weightsFiles.find(([, pattern]) => pattern.test(name))![0];
}

/** Queries and outputs of cross-attention, which diffusers' Custom Diffusion may train too, as it names them. */
function processorKey(key: string): string {
  return key.replace(
    /^unet\.(.+\.attn2)\.(to_q|to_out)((?:\.0)?\.(?:weight|bias))$/,
    '$1.processor.$2_custom_diffusion$3',
  );
}

/** What stands in each file, of the concept's tensors that belong there. */
const entriesOf: Readonly<
  Record<
    FileName,
    (file: SafetensorsFile, keys: readonly string[], scale: number) => StreamedTensor[]
  >
> = {
  'learned_embeds.safetensors': (file, keys) => keys.map((key) => copied(file, key)),
  'pytorch_custom_diffusion_weights.safetensors': (file, keys) => [
    ...keys.map((key) => ({ ...copied(file, key), key: processorKey(key) })),
    ...untrainedAttention(keys),
  ],
  'pytorch_lora_weights.safetensors': exportedLora,
  'diffusion_pytorch_model.safetensors': (file, keys) =>
    keys.map((key) => ({ ...copied(file, key), key: key.replace(/^unet\./, '') })),
};

/** A tensor of the concept; its bytes are read when their turn comes. */
function copied(file: SafetensorsFile, key: string): StreamedTensor {
  const entry = file.tensors.get(key)!;
  const { dtype, shape, byteLength } = entry;
  return {
    key,
    dtype,
    shape,
    byteLength,
    bytes: () => new Uint8Array(readBytes(file.path, entry)),
  };
}

/**
 * diffusers wants a processor for every attention, and takes an entry without elements for one that brings no weights:
 * here self-attention, which Custom Diffusion leaves alone. (diffusers' own .bin files have empty dicts there, which it
 * leaves out of .safetensors files, and then cannot load them.)
 */
function untrainedAttention(keys: readonly string[]): StreamedTensor[] {
  const blocks = keys.flatMap((key) => /^(.+)\.attn2\.processor\./.exec(key)?.[1] ?? []);
  return [...new Set(blocks)].map((block) => ({
    key: `${block}.attn1.processor`,
    ...{ dtype: 'F32', shape: [0], byteLength: 0, bytes: () => new Uint8Array(0) },
  }));
}

/**
 * Factors with the scale in `up`, all of a network with as many rows: of layers of several ranks diffusers takes one
 * rank's alpha for all (get_peft_kwargs). What is added is 0 and changes nothing.
 */
function exportedLora(
  file: SafetensorsFile,
  keys: readonly string[],
  scale: number,
): StreamedTensor[] {
  const networkOf = (key: string) => key.slice(0, key.indexOf('.'));
  const ranks = Map.groupBy(
    keys.filter((key) => key.endsWith('.down.weight')),
    networkOf,
  );
  const rankOf = (key: string) =>
    Math.max(...ranks.get(networkOf(key))!.map((down) => file.tensors.get(down)!.shape[0]));
  return keys.map((key) => {
    const { shape } = file.tensors.get(key)!;
    const isUp = key.endsWith('.up.weight');
    const rank = rankOf(key);
    if (shape[Number(isUp)] === rank && (!isUp || scale === 1)) return copied(file, key);
    const wider = isUp ? [shape[0], rank, ...shape.slice(2)] : [rank, ...shape.slice(1)];
    const bytes = () => {
      const values = Float32Array.from(readTensor(file, key).data, Number);
      // `up` has a row for each output, `down` all of its numbers in one
      const rows = isUp ? shape[0] : 1;
      const factor = isUp ? scale : 1;
      return new Uint8Array(padRows(values, rows, elementCount(wider), factor).buffer);
    };
    return { key, dtype: 'F32', shape: wider, byteLength: 4 * elementCount(wider), bytes };
  });
}

/** Rows, each filled up with zeros to an equal share of `count`, times a factor. */
function padRows(values: Float32Array, rows: number, count: number, factor: number): Float32Array {
  const padded = new Float32Array(count);
  const [from, to] = [values.length / rows, count / rows];
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * from, (row + 1) * from);
    padded.set(factor === 1 ? own : own.map((value) => value * factor), row * to);
  }
  return padded;
}
