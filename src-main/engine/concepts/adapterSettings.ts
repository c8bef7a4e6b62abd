/**
 * Settings of adapters as PEFT 0.6 and later keeps them: inside files of diffusers (0.34 and later) under
 * `lora_adapter_metadata`, and in adapter_config.json beside a file of PEFT's own.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import { readJsonObject } from '../checkpoint/configFiles.ts';
import { quote } from '../files/storedValues.ts';
import type { TensorFile } from '../files/tensorFile.ts';

export interface AdapterSettings {
  /** For messages: the file that they stand in. */
  readonly where: string;
  /** By their names; those of a pipeline's file begin with the network's. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** A layer that an adapter changes. */
export interface AdaptedLayer {
  readonly network: 'unet' | 'textEncoder';
  /** Without `.weight`. */
  readonly key: string;
  readonly rank: number;
}

/** Undefined where there are none. @throws InputError where those beside the file are damaged */
export function readAdapterSettings({ path, metadata }: TensorFile): AdapterSettings | undefined {
  const text = metadata.get('lora_adapter_metadata');
  if (text !== undefined) {
    return { where: `${path}: its lora_adapter_metadata`, values: parseSettings(text) };
  }
  const beside = join(dirname(path), 'adapter_config.json');
  if (!basename(path).startsWith('adapter_model.') || !existsSync(beside)) return undefined;
  return { where: beside, values: new Map(Object.entries(readJsonObject(beside))) };
}

function parseSettings(text: string): Map<string, unknown> {
  try {
    return new Map(Object.entries(Object(JSON.parse(text))));
  } catch {
    return new Map();
  }
}

/**
 * What a layer's change is multiplied by: alpha over its rank, or over the rank's root (rank-stabilised LoRA, arXiv
 * 2312.03732). Undefined where the settings do not tell.
 *
 * @throws InputError where they ask for something else
 */
export function adapterScale(
  { where, values }: AdapterSettings,
  { network, key, rank }: AdaptedLayer,
): number | undefined {
  const prefix = network === 'unet' ? 'unet' : 'text_encoder';
  const setting = (name: string) => values.get(`${prefix}.${name}`) ?? values.get(name);
  if (setting('use_dora')) {
    throw new InputError(`${where} sets use_dora, which Tessera cannot use: expected a plain LoRA`);
  }
  const patterns = Object.entries(Object(setting('alpha_pattern')));
  const own = patterns.find(([pattern]) => names(where, pattern, key))?.[1];
  const alpha = Number(own ?? setting('lora_alpha'));
  if (!alpha) return undefined;
  return alpha / (setting('use_rslora') ? Math.sqrt(rank) : rank);
}

/** Whether a key of `alpha_pattern` means the layer: its name, or the end of it. */
function names(where: string, pattern: string, key: string): boolean {
  if (/^[\w.-]+$/.test(pattern)) return `.${key}`.endsWith(`.${pattern}`);
  throw new InputError(
    `${where} sets alpha_pattern by a rule, ${quote(pattern)}, which Tessera cannot use: expected names of layers`,
  );
}
