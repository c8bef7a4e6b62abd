import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import {
  openSafetensors,
  readBytes,
  readTensor,
  type SafetensorsFile,
} from '../checkpoint/safetensors.ts';
import { type StreamedTensor, streamSafetensors } from '../checkpoint/writeSafetensors.ts';
import { describeConcept, notAConcept } from './conceptFile.ts';

/**
 * Files of weights that diffusers (0.17 and later) loads, with the tensors of a concept file that belong into each. Its
 * loaders refuse, or stumble over, tensors that are meant for another one.
 */
const exportedFiles = {
  'pytorch_custom_diffusion_weights.safetensors': /_custom_diffusion\.weight$/,
  'pytorch_lora_weights.safetensors': /\.lora(?:_linear_layer)?\.(?:down|up)\.weight$/,
  'diffusion_pytorch_model.safetensors': /^/,
} as const;
const wordFile = 'learned_embeds.safetensors';

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
  const { alpha, rank } = description.lora ?? { alpha: 1, rank: 1 };
  const groups = Map.groupBy(file.tensors.keys(), (key) =>
    key === description.token ? wordFile : weightsFileOf(key),
  );
  for (const name of groups.keys()) requireAbsent(join(folder, name));
  return [...groups].map(([name, keys]) => {
    const isUNet = name === 'diffusion_pytorch_model.safetensors';
    const entries = keys.map((key) => {
      const scale = /\.lora(_linear_layer)?\.up\.weight$/.test(key) ? alpha / rank : 1;
      return exported(file, key, isUNet ? key.replace(/^unet\./, '') : key, scale);
    });
    streamSafetensors(join(folder, name), entries, { format: 'pt' });
    return join(folder, name);
  });
}

/** What is there may be a whole UNet of the same name. */
function requireAbsent(path: string): void {
  if (existsSync(path)) throw new InputError(`${path} is there already: choose another folder`);
}

function weightsFileOf(key: string): string {
  return Object.entries(exportedFiles).find(([, pattern]) => pattern.test(key))![0];
}

/** A tensor of the concept under its new name; its bytes are read when their turn comes. */
function exported(
  file: SafetensorsFile,
  key: string,
  newKey: string,
  scale: number,
): StreamedTensor {
  const entry = file.tensors.get(key)!;
  const { dtype, shape, byteLength } = entry;
  const bytes =
    scale === 1
      ? () => new Uint8Array(readBytes(file.path, entry))
      : () => new Uint8Array(scaled(file, key, scale).buffer);
  return { key: newKey, dtype, shape, byteLength, bytes };
}

/** Factors of a concept file are float32. */
function scaled(file: SafetensorsFile, key: string, scale: number): Float32Array {
  return Float32Array.from(readTensor(file, key).data, Number).map((value) => value * scale);
}
