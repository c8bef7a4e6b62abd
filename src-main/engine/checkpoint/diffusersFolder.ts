import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withArticle } from '../../../src-shared/article.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { refusing } from '../files/fileAccess.ts';
import { openSafetensors, type SafetensorsFile } from '../files/safetensors.ts';
import { quote } from '../files/storedValues.ts';
import type { Checkpoint, CheckpointOptions } from './checkpoint.ts';
import { type Family, familyNames, variantOfInput } from './classify.ts';
import { isDiffusersFolder, parseConfigs, readComponents, readJsonObject } from './configFiles.ts';
import { renameAutoencoder, renameNothing, renameTextEncoder } from './diffusersKeys.ts';
import { type Renaming, tabulate, type WeightTable } from './weightTable.ts';

/**
 * Opens a diffusers pipeline folder. Of several files per model the one in full precision is taken.
 *
 * @throws InputError where a part is missing, damaged, or of a family that is not supported
 */
export function openDiffusersFolder(path: string, options: CheckpointOptions): Checkpoint {
  refuseOtherPipelines(path);
  const components = readComponents(path);
  const { unet, vae } = components;
  refuseOtherInputs(path, unet.json.in_channels, vae.json.latent_channels ?? 4);
  const configs = parseConfigs(components);
  const { predictionType = configs.scheduler.predictionType } = options;
  const tokenizer = join(path, 'tokenizer');
  return {
    path,
    kind: 'diffusers',
    family: configs.unet.useLinearProjection ? 'sd2' : 'sd1',
    configs: { ...configs, scheduler: { ...configs.scheduler, predictionType } },
    tokenizerFolder: existsSync(tokenizer) ? tokenizer : undefined,
    weights: {
      unet: openComponent(join(path, 'unet'), 'diffusion_pytorch_model', renameNothing),
      textEncoder: openComponent(join(path, 'text_encoder'), 'model', renameTextEncoder),
      autoencoder: openComponent(join(path, 'vae'), 'diffusion_pytorch_model', renameAutoencoder),
    },
    assumptions: [],
    unusedKeys: [],
  };
}

const familyOfPipeline: readonly (readonly [RegExp, Family])[] = [
  [/^StableDiffusionXL/, 'sdxl'],
  [/^StableDiffusion3/, 'sd3'],
  [/^Flux/, 'flux'],
];

function refuseOtherPipelines(path: string): void {
  const index = join(path, 'model_index.json');
  const name = existsSync(index) ? String(readJsonObject(index)._class_name) : '';
  const byName = familyOfPipeline.find(([pattern]) => pattern.test(name))?.[1];
  const family = byName ?? (existsSync(join(path, 'text_encoder_2')) ? 'sdxl' : undefined);
  if (family) throw refusal(path, `a ${familyNames[family]} checkpoint`);
  if (existsSync(join(path, 'transformer')))
    throw refusal(path, `a ${name || 'transformer'} model`);
  if (!isDiffusersFolder(path)) {
    refusing(path, () => readdirSync(path)); // nothing is found where nothing may be read
    refuseCacheFolder(path);
    throw new InputError(
      `${path}: no unet/config.json, expected a diffusers folder or a .safetensors file`,
    );
  }
}

/** Of the Hugging Face cache: the pipeline lies in it, once for each version that was fetched. */
function refuseCacheFolder(path: string): void {
  const snapshots = join(path, 'snapshots');
  const versions = existsSync(snapshots) ? readdirSync(snapshots) : [];
  if (versions.length === 0) return;
  const places = versions.map((version) => join(snapshots, version)).join(' or ');
  throw new InputError(
    `${path} is a folder of the Hugging Face cache, whose versions lie in it: give ${places}`,
  );
}

function refuseOtherInputs(path: string, channels: unknown, latentChannels: unknown): void {
  const variant = typeof channels === 'number' && variantOfInput(channels, latentChannels);
  if (!variant) return;
  throw refusal(path, `${withArticle(variant)} checkpoint (${channels} input channels)`);
}

function refusal(path: string, what: string): InputError {
  return new InputError(
    `${path} is ${what}. Tessera works with the text-to-image checkpoints of Stable Diffusion 1.x and 2.x.`,
  );
}

/**
 * The weights of one model of a folder: `<stem>.safetensors`, a variant of it, or one in parts.
 *
 * @throws InputError where they are missing or damaged
 */
export function openComponent(folder: string, stem: string, rename: Renaming): WeightTable {
  const names = existsSync(folder) ? refusing(folder, () => readdirSync(folder)) : [];
  const [name] = names.filter((other) => isWeights(other, stem)).sort(byPreference);
  if (name === undefined) throw missingWeights(folder, stem, names);
  const path = join(folder, name);
  if (name.endsWith('.json')) return tabulate(folder, openShards(folder, path), rename);
  return tabulate(path, [openSafetensors(path)], rename);
}

/** `model.safetensors`, `model.<variant>.safetensors`, or the index of a file in parts. */
function isWeights(name: string, stem: string): boolean {
  if (!name.startsWith(`${stem}.`) || /-\d{5}-of-\d{5}/.test(name)) return false;
  return /\.safetensors$|\.safetensors\.index(\.[^.]+)?\.json$/.test(name);
}

/** Plain names, which are full precision, before variants such as fp16; whole files before parts. */
function byPreference(a: string, b: string): number {
  const rank = (name: string) => {
    const isPlain = /^[^.]+\.safetensors(\.index\.json)?$/.test(name);
    return Number(!isPlain) * 2 + Number(name.endsWith('.json'));
  };
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

function missingWeights(folder: string, stem: string, names: readonly string[]): InputError {
  const pickle = names.find((name) => /\.(bin|ckpt|pt)$/.test(name));
  const found = pickle
    ? ` Found ${pickle}, a pickle, which Tessera never opens: convert it to .safetensors or download that version.`
    : ' Fetch the whole folder again.';
  return new InputError(`${folder}: no ${stem}.safetensors.${found}`);
}

/** The parts that `*.safetensors.index.json` names: plain file names in the same folder, which hold what it says. */
function openShards(folder: string, index: string): SafetensorsFile[] {
  const places = Object.entries(Object(readJsonObject(index).weight_map));
  if (places.length === 0) {
    throw new InputError(`${index}: no weight_map, expected an object of key and file name`);
  }
  const files = new Map<string, SafetensorsFile>();
  for (const [key, name] of places) {
    if (typeof name !== 'string' || name !== basename(name) || !name.endsWith('.safetensors')) {
      throw new InputError(
        `${index}: ${quote(key)} is in ${JSON.stringify(name)}, expected the name of a .safetensors file in the same folder`,
      );
    }
    const file = files.get(name) ?? openSafetensors(join(folder, name));
    files.set(name, file);
    if (!file.tensors.has(key)) {
      throw new InputError(`${file.path}: no tensor ${quote(key)}, which ${basename(index)} names`);
    }
  }
  return [...files.values()];
}
