import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { messageOf } from '../../../src-shared/caught.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { refusing, statOf } from '../files/fileAccess.ts';
import { parsePythonJson } from '../files/pythonJson.ts';
import { parseTextEncoderConfig } from '../models/clipConfig.ts';
import { parseAutoencoderConfig, parseUNetConfig } from '../models/config.ts';
import { ConfigError } from '../models/configKeys.ts';
import type { ModelConfigs } from '../models/modelConfigs.ts';
import { parseSchedulerConfig } from '../models/schedulerConfig.ts';
import type { Json } from './detectConfig.ts';
import { tokenizerFiles } from './tokenizerFiles.ts';

/** The folders of a diffusers pipeline, which are also the keys of a JSON file beside a single-file checkpoint. */
const componentFiles = {
  unet: 'config.json',
  text_encoder: 'config.json',
  vae: 'config.json',
  scheduler: 'scheduler_config.json',
} as const;

export type Component = keyof typeof componentFiles;

export const componentNames = Object.keys(componentFiles) as Component[];

export interface ComponentConfig {
  /** The file, for messages. */
  readonly where: string;
  readonly json: Json;
}

export function isDiffusersFolder(path: string): boolean {
  return existsSync(configPath(path, 'unet'));
}

/** Where a diffusers folder has the configuration of a component. */
export function configPath(folder: string, component: Component): string {
  return join(folder, component, componentFiles[component]);
}

/** @throws InputError where a file is missing or holds no JSON object */
export function readComponents(folder: string): Readonly<Record<Component, ComponentConfig>> {
  return {
    unet: readComponent(folder, 'unet'),
    text_encoder: readComponent(folder, 'text_encoder'),
    vae: readComponent(folder, 'vae'),
    scheduler: readComponent(folder, 'scheduler'),
  };
}

function readComponent(folder: string, component: Component): ComponentConfig {
  const where = configPath(folder, component);
  return { where, json: readJsonObject(where) };
}

/** @throws InputError naming file, key, value and what was expected */
export function parseConfigs(
  components: Readonly<Record<Component, ComponentConfig>>,
): ModelConfigs {
  const { unet, text_encoder, vae, scheduler } = components;
  return asInputError(() => ({
    unet: parseUNetConfig(unet.json, unet.where),
    textEncoder: parseTextEncoderConfig(text_encoder.json, text_encoder.where),
    autoencoder: parseAutoencoderConfig(vae.json, vae.where),
    scheduler: parseSchedulerConfig(scheduler.json, scheduler.where),
  }));
}

/** The models know no users; here a configuration is something that the user gave. */
export function asInputError<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ConfigError) throw new InputError(error.message);
    throw error;
  }
}

/** @throws InputError where the file cannot be read or holds no JSON object */
export function readJsonObject(path: string): Json {
  const text = refusing(path, () => readFileSync(path, 'utf8'));
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${messageOf(error)}`);
  }
  if (isObject(value)) return value as Json;
  throw new InputError(`${path}: expected a JSON object`);
}

/** A configuration for a single-file checkpoint, found elsewhere. */
export interface GivenConfig {
  readonly source: string;
  /** Whether keys that are absent have diffusers' defaults (a pipeline's config.json) or are merely not said. */
  readonly isComplete: boolean;
  readonly components: Readonly<Partial<Record<Component, ComponentConfig>>>;
  /** The folder with vocab.json and merges.txt, where there is one. */
  readonly tokenizerFolder: string | undefined;
}

/**
 * What a user names as the configuration: a diffusers folder (its weights are not needed), or a JSON file
 * `{ "unet": {...}, "text_encoder": {...}, "vae": {...}, "scheduler": {...} }`, each with keys of that config.json.
 *
 * @throws InputError where it is neither
 */
export function readGivenConfig(path: string): GivenConfig {
  if (statOf(path).isDirectory()) {
    if (isDiffusersFolder(path)) return readPipelineConfig(path);
    throw new InputError(
      `${path}: no unet/config.json, expected a diffusers folder or a JSON file`,
    );
  }
  const sidecar = readSidecar(path);
  if (Object.keys(sidecar.components).length > 0) return sidecar;
  throw new InputError(`${path}: expected an object under one of ${componentNames.join(', ')}`);
}

/**
 * Configurations that lie beside a single-file checkpoint, most specific first: `<name>.json` where it has one of the
 * four keys (other programs write notes under that name), then diffusers folders whose name is the file's or the
 * beginning of it up to `-`, `_` or `.`: sd15/ for sd15-pruned.safetensors.
 */
export function findGivenConfigs(path: string): GivenConfig[] {
  const sidecar = beside(path, '.json');
  const found = existsSync(sidecar) ? [readSidecar(sidecar)] : [];
  return [
    ...found.filter(({ components }) => Object.keys(components).length > 0),
    ...pipelinesBeside(path).filter(isDiffusersFolder).map(readPipelineConfig),
  ];
}

/** Where a diffusers folder of a single file may lie, the longest name first; there or not. */
function pipelinesBeside(path: string): string[] {
  const stem = basename(path, extname(path));
  const ends = Array.from(stem.matchAll(/[-_.]|$/g), ({ index }) => index).filter((end) => end > 0);
  return ends.reverse().map((end) => join(dirname(path), stem.slice(0, end)));
}

/** The file of the same name with another ending. */
export function beside(path: string, extension: `.${string}`): string {
  return join(dirname(path), `${basename(path, extname(path))}${extension}`);
}

/**
 * Every file that says something of a checkpoint besides its weights, whether it is there or not: when one appears or
 * changes, the checkpoint may be another.
 */
export function configurationFiles(path: string, configFrom?: string): string[] {
  const folders = [path, ...(configFrom === undefined ? pipelinesBeside(path) : [configFrom])];
  return [
    ...(configFrom === undefined ? [beside(path, '.json')] : [configFrom]),
    beside(path, '.yaml'),
    ...folders.flatMap((folder) => [
      join(folder, 'model_index.json'),
      ...componentNames.map((name) => configPath(folder, name)),
      ...tokenizerFiles.map((name) => join(folder, 'tokenizer', name)),
    ]),
  ];
}

function readPipelineConfig(folder: string): GivenConfig {
  const present = componentNames.filter((name) => existsSync(configPath(folder, name)));
  const tokenizerFolder = join(folder, 'tokenizer');
  return {
    source: folder,
    isComplete: true,
    components: Object.fromEntries(present.map((name) => [name, readComponent(folder, name)])),
    tokenizerFolder: existsSync(tokenizerFolder) ? tokenizerFolder : undefined,
  };
}

/** Other programs put texts under the same keys ("vae": "Automatic"): only objects are configurations. */
function readSidecar(path: string): GivenConfig {
  const parts = Object.entries(readJsonObject(path)).filter(
    ([key, value]) => componentNames.some((name) => name === key) && isObject(value),
  );
  const components = Object.fromEntries(
    parts.map(([key, value]) => [key, { where: path, json: Object(value) as Json }]),
  );
  return { source: path, isComplete: false, components, tokenizerFolder: undefined };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
