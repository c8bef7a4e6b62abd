import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import { refusing } from '../files/fileAccess.ts';
import { type StreamedTensor, streamSafetensors } from '../files/writeSafetensors.ts';
import { elementCount, type Shape } from '../tensor/shape.ts';
import {
  type Component,
  type ComponentConfig,
  componentNames,
  configPath,
  parseConfigs,
  readComponents,
} from './configFiles.ts';
import {
  expectedAutoencoderWeights,
  expectedTextEncoderWeights,
  expectedUNetWeights,
} from './expectedWeights.ts';
import { sd15, sd21 } from './publishedConfigs.ts';

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
  /** Told of every file; may end the work by throwing. */
  readonly onFile?: (finished: number, total: number) => Promise<void>;
}

/**
 * Writes a diffusers folder whose weights are drawn, scaled so that activations stay about 1: time and memory do not
 * depend on the values of weights. One tensor lies in memory at a time. Whatever goes wrong, nothing of it stays: a part
 * is of no use, and in its way the next attempt would find the folder not empty.
 *
 * @returns parameters
 * @throws InputError where the folder is not empty, or cannot be written to
 */
export async function writeRandomCheckpoint(
  path: string,
  options: RandomCheckpointOptions,
): Promise<number> {
  requireEmpty(path);
  try {
    return await writeInto(path, options);
  } catch (error) {
    for (const name of [index, tokenizer, ...componentNames]) {
      rmSync(join(path, name), { recursive: true, force: true });
    }
    throw error;
  }
}

const index = 'model_index.json';
const tokenizer = 'tokenizer';

async function writeInto(path: string, options: RandomCheckpointOptions): Promise<number> {
  const components = componentsOf(options.like);
  const configs = parseConfigs(components);
  for (const name of componentNames) writeConfig(path, name, components[name].json);
  writeJson(join(path, index), { _class_name: 'StableDiffusionPipeline' });
  copyTokenizer(path, options);
  const parts: [string, Map<string, Shape>][] = [
    ['text_encoder/model', expectedTextEncoderWeights(configs.textEncoder)],
    ['unet/diffusion_pytorch_model', expectedUNetWeights(configs.unet)],
    ['vae/diffusion_pytorch_model', expectedAutoencoderWeights(configs.autoencoder)],
  ];
  const draw = drawer(options);
  for (const [done, [name, shapes]] of parts.entries()) {
    const tensors = [...shapes].map(([key, shape]) => draw(`${name}/${key}`, key, shape));
    streamSafetensors(join(path, `${name}.safetensors`), tensors, { format: 'pt' });
    await options.onFile?.(done + 1, parts.length);
  }
  return parts
    .flatMap(([, shapes]) => [...shapes.values()].map(elementCount))
    .reduce((sum, count) => sum + count, 0);
}

function requireEmpty(path: string): void {
  refusing(path, () => mkdirSync(path, { recursive: true }));
  if (refusing(path, () => readdirSync(path)).length === 0) return;
  throw new InputError(
    `${path}: this folder is not empty, and nothing in it is replaced; name another`,
  );
}

function componentsOf(
  like: RandomCheckpointOptions['like'],
): Readonly<Record<Component, ComponentConfig>> {
  if (typeof like !== 'string') return readComponents(like.folder);
  const files = like === 'sd15' ? sd15 : sd21;
  const of = (name: Component) => ({ where: `${like}/${name}`, json: files[name] });
  return {
    unet: of('unet'),
    text_encoder: of('text_encoder'),
    vae: of('vae'),
    scheduler: of('scheduler'),
  };
}

function writeConfig(path: string, name: Component, json: object): void {
  const file = configPath(path, name);
  refusing(file, () => mkdirSync(dirname(file), { recursive: true }));
  writeJson(file, json);
}

function writeJson(path: string, json: object): void {
  refusing(path, () => writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`));
}

/** Without one the checkpoint has CLIP's. */
function copyTokenizer(path: string, { like }: RandomCheckpointOptions): void {
  if (typeof like === 'string') return;
  const source = join(like.folder, tokenizer);
  const target = join(path, tokenizer);
  if (existsSync(source)) refusing(target, () => cpSync(source, target, { recursive: true }));
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
