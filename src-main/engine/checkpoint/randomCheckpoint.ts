import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import { elementCount, type Shape } from '../tensor/shape.ts';
import { parseConfigs, readComponent } from './configFiles.ts';
import {
  expectedAutoencoderWeights,
  expectedTextEncoderWeights,
  expectedUNetWeights,
} from './expectedWeights.ts';
import { refusing } from './fileAccess.ts';
import { type ConfigFiles, sd15, sd21 } from './publishedConfigs.ts';
import { type StreamedTensor, streamSafetensors } from './writeSafetensors.ts';

/** A stream of random numbers. */
export interface RandomNumbers {
  /** Of mean 0 and variance 1. */
  normal(count: number): Float32Array;
  /** From 0 to count - 1. */
  integer(count: number): number;
}

export interface RandomCheckpointOptions {
  /** A published configuration, or a diffusers folder whose configuration and tokenizer are taken. */
  readonly like: 'sd15' | 'sd21' | { readonly folder: string };
  /** A stream of its own for each label. */
  readonly random: (label: string) => RandomNumbers;
  readonly half: boolean;
  /** Told of every file. */
  readonly onFile?: (finished: number, total: number) => void;
}

/**
 * Writes a diffusers folder whose weights are drawn, scaled so that activations stay about 1: time and memory do not
 * depend on the values of weights. One tensor lies in memory at a time.
 *
 * @returns parameters
 * @throws InputError where the folder is not empty, or cannot be written to
 */
export function writeRandomCheckpoint(path: string, options: RandomCheckpointOptions): number {
  requireEmpty(path);
  const files = configsOf(options.like);
  const configs = parseConfigs(
    Object.fromEntries(
      Object.entries(files).map(([name, json]) => [name, { where: name, json: { ...json } }]),
    ) as Parameters<typeof parseConfigs>[0],
  );
  for (const [name, json] of Object.entries(files)) writeConfig(path, name, json);
  writeJson(join(path, 'model_index.json'), { _class_name: 'StableDiffusionPipeline' });
  copyTokenizer(path, options);
  const parts: [string, Map<string, Shape>][] = [
    ['text_encoder/model', expectedTextEncoderWeights(configs.textEncoder)],
    ['unet/diffusion_pytorch_model', expectedUNetWeights(configs.unet)],
    ['vae/diffusion_pytorch_model', expectedAutoencoderWeights(configs.autoencoder)],
  ];
  const draw = drawer(options);
  for (const [index, [name, shapes]] of parts.entries()) {
    const tensors = [...shapes].map(([key, shape]) => draw(`${name}/${key}`, key, shape));
    streamSafetensors(join(path, `${name}.safetensors`), tensors, { format: 'pt' });
    options.onFile?.(index + 1, parts.length);
  }
  return parts
    .flatMap(([, shapes]) => [...shapes.values()].map(elementCount))
    .reduce((sum, count) => sum + count, 0);
}

function requireEmpty(path: string): void {
  refusing(path, () => mkdirSync(path, { recursive: true }));
  if (readdirSync(path).length === 0) return;
  throw new InputError(
    `${path}: this folder is not empty, and nothing in it is replaced; name another`,
  );
}

function configsOf(like: RandomCheckpointOptions['like']): ConfigFiles {
  if (like === 'sd15') return sd15;
  if (like === 'sd21') return sd21;
  const read = (name: keyof ConfigFiles) => readComponent(like.folder, name).json;
  return {
    unet: read('unet'),
    vae: read('vae'),
    text_encoder: read('text_encoder'),
    scheduler: read('scheduler'),
  };
}

function writeConfig(path: string, name: string, json: object): void {
  mkdirSync(join(path, name), { recursive: true });
  const file = name === 'scheduler' ? 'scheduler_config.json' : 'config.json';
  writeJson(join(path, name, file), json);
}

function writeJson(path: string, json: object): void {
  refusing(path, () => writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`));
}

/** Without one the checkpoint has CLIP's. */
function copyTokenizer(path: string, { like }: RandomCheckpointOptions): void {
  if (typeof like === 'string') return;
  const tokenizer = join(like.folder, 'tokenizer');
  if (existsSync(tokenizer)) cpSync(tokenizer, join(path, 'tokenizer'), { recursive: true });
}

/** Numbers drawn once; every tensor takes them from a place of its own, again and again. */
const tableSize = 2 ** 20;

function drawer({ random, half }: RandomCheckpointOptions) {
  const table = random('random checkpoint').normal(tableSize);
  return (label: string, key: string, shape: Shape): StreamedTensor => {
    const count = elementCount(shape);
    const bytes = () => {
      const start = random(label).integer(tableSize);
      const values = half ? new Float16Array(count) : new Float32Array(count);
      fill(values, table, start, distributionOf(key, shape));
      return new Uint8Array(values.buffer);
    };
    return { key, dtype: half ? 'F16' : 'F32', shape, byteLength: count * (half ? 2 : 4), bytes };
  };
}

function fill(
  values: Float32Array | Float16Array,
  table: Float32Array,
  start: number,
  { mean, deviation }: { readonly mean: number; readonly deviation: number },
): void {
  for (let index = 0; index < values.length; index++) {
    values[index] = mean + deviation * table[(start + index) % tableSize];
  }
}

/** Norms pass on what they get, biases are nothing, matrices keep the size of what goes through them. */
function distributionOf(key: string, shape: Shape): { mean: number; deviation: number } {
  if (key.endsWith('bias')) return { mean: 0, deviation: 0 };
  if (shape.length === 1) return { mean: 1, deviation: 0 };
  if (key.includes('embedding.weight')) return { mean: 0, deviation: 0.02 };
  return { mean: 0, deviation: 1 / Math.sqrt(elementCount(shape) / shape[0]) };
}
