import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../../../src-shared/inputError.ts';
import { openSafetensors, type SafetensorsFile } from '../files/safetensors.ts';
import type { ModelConfigs } from '../models/modelConfigs.ts';
import type { PredictionType } from '../models/schedulerConfig.ts';
import type { Checkpoint, CheckpointOptions } from './checkpoint.ts';
import { classify, describe } from './classify.ts';
import {
  autoencoderPrefix,
  autoencoderRenaming,
  clipPrefix,
  isIgnored,
  openClipPrefix,
  openClipRenaming,
  uNetPrefix,
  uNetRenaming,
  under,
} from './compVisKeys.ts';
import {
  beside,
  type Component,
  type ComponentConfig,
  findGivenConfigs,
  type GivenConfig,
  parseConfigs,
  readGivenConfig,
} from './configFiles.ts';
import {
  type DetectedConfig,
  detectAutoencoder,
  detectTextEncoder,
  detectUNet,
  type Json,
} from './detectConfig.ts';
import { renameTextEncoder } from './diffusersKeys.ts';
import { publishedSchedule } from './publishedConfigs.ts';
import { tabulate } from './weightTable.ts';

/**
 * Opens a single-file checkpoint as CompVis and Stability AI published them. Its configuration is, in this order: what
 * the weights' shapes say; `options.configFrom`, or else what lies beside the file ({@link findGivenConfigs}); the
 * published values, each listed in `assumptions` where the file could be otherwise.
 *
 * @throws InputError where the file is of another kind or family, or a given configuration contradicts its weights
 */
export function openSingleFile(path: string, options: CheckpointOptions): Checkpoint {
  const file = openSafetensors(path);
  const family = supportedFamily(file);
  const given = options.configFrom
    ? [readGivenConfig(options.configFrom)]
    : findGivenConfigs(path).filter((config) => config.components.unet || !config.isComplete);
  for (const config of given) {
    try {
      return assemble(file, family, config, options);
    } catch (error) {
      // A folder beside the file may well belong to another one: it counts only where it agrees with the weights.
      const isMeant = options.configFrom !== undefined || !config.isComplete;
      if (isMeant || !(error instanceof ContradictionError)) throw error;
    }
  }
  return assemble(file, family, nothingGiven, options);
}

const nothingGiven: GivenConfig = {
  source: '',
  isComplete: false,
  components: {},
  tokenizerFolder: undefined,
};

/** A configuration and the weights cannot both be right. */
class ContradictionError extends InputError {}

function supportedFamily(file: SafetensorsFile): 'sd1' | 'sd2' {
  const found = classify(file);
  const { kind, family, variant } = found;
  if (kind === 'checkpoint' && !variant) {
    if (family === 'sd1' || family === 'sd2') return family;
  }
  const advice =
    kind === 'checkpoint' || kind === 'diffusion model' || kind === 'unknown'
      ? 'Tessera works with the text-to-image checkpoints of Stable Diffusion 1.x and 2.x.'
      : 'Expected a whole checkpoint of Stable Diffusion 1.x or 2.x as the model.';
  throw new InputError(`${file.path} is ${describe(found)}. ${advice}`);
}

function assemble(
  file: SafetensorsFile,
  family: 'sd1' | 'sd2',
  given: GivenConfig,
  options: CheckpointOptions,
): Checkpoint {
  const assumptions: string[] = given.source ? [`configuration taken from ${given.source}`] : [];
  const weights = tables(file, family, given.components.text_encoder?.json.num_hidden_layers);
  const merge = (component: Component, detected: DetectedConfig) =>
    mergeConfig(file.path, component, detected, given, assumptions);
  const parsed = parseConfigs({
    unet: merge('unet', detectUNet(weights.unet, family)),
    text_encoder: merge('text_encoder', detectTextEncoder(weights.textEncoder, family)),
    vae: merge('vae', detectAutoencoder(weights.autoencoder)),
    scheduler: merge('scheduler', { facts: {}, assumptions: publishedSchedule }),
  });
  return {
    path: file.path,
    kind: 'single-file',
    family,
    configs: withPrediction(parsed, predictionType(file, family, given, options, assumptions)),
    tokenizerFolder: given.tokenizerFolder,
    weights,
    assumptions,
    unusedKeys: [...file.tensors.keys()].filter((key) => !isKnown(key)),
  };
}

function isKnown(key: string): boolean {
  const prefixes = [uNetPrefix, autoencoderPrefix, clipPrefix, openClipPrefix];
  return isIgnored(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

function tables(file: SafetensorsFile, family: 'sd1' | 'sd2', layers: unknown) {
  const keysUnder = (prefix: string) =>
    new Set(
      [...file.tensors.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length)),
    );
  const autoencoder = autoencoderRenaming(keysUnder(autoencoderPrefix));
  const openClip = () => openClipRenaming(openClipLayers(keysUnder(openClipPrefix), file, layers));
  const text =
    family === 'sd1' ? under(clipPrefix, renameTextEncoder) : under(openClipPrefix, openClip());
  return {
    unet: tabulate(file.path, [file], under(uNetPrefix, uNetRenaming(keysUnder(uNetPrefix)))),
    textEncoder: tabulate(file.path, [file], text),
    autoencoder: tabulate(file.path, [file], under(autoencoderPrefix, autoencoder)),
  };
}

/**
 * SD 2.x conditions on the last but one block of OpenCLIP. The published files hold all 24; diffusers' converter writes
 * files with the 23 that are used.
 */
function openClipLayers(keys: ReadonlySet<string>, file: SafetensorsFile, given: unknown): number {
  let blocks = 0;
  while (keys.has(`transformer.resblocks.${blocks}.ln_1.weight`)) blocks++;
  if (typeof given === 'number' && given <= blocks) return given;
  const width = file.tensors.get(`${openClipPrefix}ln_final.weight`)?.shape[0];
  return width === 1024 && blocks === 23 ? blocks : blocks - 1;
}

function mergeConfig(
  path: string,
  component: Component,
  { facts, assumptions }: DetectedConfig,
  given: GivenConfig,
  notes: string[],
): ComponentConfig {
  const config = given.components[component];
  if (config) checkFacts(path, config, facts);
  const assumed = config && given.isComplete ? {} : assumptions;
  const open = Object.keys(assumed).filter((key) => config?.json[key] === undefined);
  if (component !== 'scheduler' && !isPublished(component, facts)) {
    for (const key of open) notes.push(`${component}: ${key} = ${JSON.stringify(assumed[key])}`);
  }
  return { where: config?.where ?? path, json: { ...assumed, ...config?.json, ...facts } };
}

/** Sizes of the networks that Stability AI and CompVis published: for those the assumptions are known to hold. */
const publishedSizes: Readonly<Record<Component, readonly string[]>> = {
  unet: ['[320,640,1280,1280]'],
  vae: ['[128,256,512,512]'],
  text_encoder: ['768', '1024'],
  scheduler: [],
};

function isPublished(component: Component, facts: Json): boolean {
  const size = JSON.stringify(facts.block_out_channels ?? facts.hidden_size);
  return publishedSizes[component].includes(size);
}

function checkFacts(path: string, { where, json }: ComponentConfig, facts: Json): void {
  for (const [key, fact] of Object.entries(facts)) {
    if (json[key] === undefined || json[key] === null || sameValue(json[key], fact)) continue;
    throw new ContradictionError(
      `${where}: ${key} is ${JSON.stringify(json[key])}, but the weights of ${path} say ${JSON.stringify(fact)}: expected the configuration that belongs to this file`,
    );
  }
}

/** diffusers writes one number or the same number once per level. */
function sameValue(a: unknown, b: unknown): boolean {
  if (JSON.stringify(a) === JSON.stringify(b)) return true;
  return Array.isArray(a) && !Array.isArray(b) && a.every((value) => value === b);
}

function withPrediction(
  configs: ModelConfigs,
  prediction: PredictionType | undefined,
): ModelConfigs {
  if (!prediction) return configs;
  return { ...configs, scheduler: { ...configs.scheduler, predictionType: prediction } };
}

/** Undefined where a given scheduler says it. No shape tells what a network predicts. */
function predictionType(
  file: SafetensorsFile,
  family: 'sd1' | 'sd2',
  given: GivenConfig,
  options: CheckpointOptions,
  notes: string[],
): PredictionType | undefined {
  if (options.predictionType) return options.predictionType;
  const scheduler = given.components.scheduler?.json;
  if (scheduler && (given.isComplete || scheduler.prediction_type !== undefined)) return undefined;
  const told = predictionOfMetadata(file) ?? predictionOfYaml(file.path);
  if (told) return told;
  if (family === 'sd1') return 'epsilon';
  notes.push('scheduler: prediction_type = "v_prediction" (2.0-base and 2.1-base need "epsilon")');
  return 'v_prediction';
}

/** ModelSpec 1.0.1, as kohya's sd-scripts write it, and the empty tensor by which ComfyUI tells v. */
function predictionOfMetadata({ metadata, tensors }: SafetensorsFile): PredictionType | undefined {
  const said = metadata.get('modelspec.prediction_type');
  const architecture = metadata.get('modelspec.architecture');
  if (tensors.has('v_pred') || said === 'v' || said === 'v_prediction') return 'v_prediction';
  if (said === 'epsilon') return 'epsilon';
  if (architecture === 'stable-diffusion-v2-768-v') return 'v_prediction';
  return architecture === 'stable-diffusion-v2-512' ? 'epsilon' : undefined;
}

/** AUTOMATIC1111's convention for SD 2.x: Stability AI's yaml under the name of the checkpoint. */
function predictionOfYaml(path: string): PredictionType | undefined {
  const yaml = beside(path, '.yaml');
  if (!existsSync(yaml)) return undefined;
  return /^\s*parameterization:\s*["']?v["']?\s*$/m.test(readFileSync(yaml, 'utf8'))
    ? 'v_prediction'
    : 'epsilon';
}
