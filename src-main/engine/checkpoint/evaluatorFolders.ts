import { join, resolve } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import type { ClipConfig, ImagePreprocessing } from '../models/clipConfig.ts';
import { parseClipConfig, parsePreprocessorConfig } from '../models/clipConfig.ts';
import { type DetectorConfig, parseDetectorConfig } from '../models/detectorConfig.ts';
import { asInputError, readJsonObject } from './configFiles.ts';
import { openComponent } from './diffusersFolder.ts';
import { renameClip, renameNothing } from './diffusersKeys.ts';
import { expectedClipWeights, expectedDetectorWeights } from './expectedWeights.ts';
import { checkKeys, type WeightTable } from './weightTable.ts';

/** A folder as transformers writes a CLIPModel with its processor: any of openai/clip-vit-*, or Toybox's own. */
export interface ClipFolder {
  readonly path: string;
  readonly config: ClipConfig;
  readonly preprocessing: ImagePreprocessing;
  readonly weights: WeightTable;
}

export interface DetectorFolder {
  readonly path: string;
  readonly config: DetectorConfig;
  readonly weights: WeightTable;
}

/**
 * Opens a pair of CLIP encoders. Only headers and configurations are read; the tokenizer's files lie beside them.
 *
 * @throws InputError where a file is missing or damaged, or where weights do not fit the configuration
 */
export function openClipFolder(folder: string): ClipFolder {
  const path = resolve(folder);
  const configs = asInputError(() => ({
    config: parseClipConfig(...jsonOf(path, 'config.json')),
    preprocessing: parsePreprocessorConfig(...jsonOf(path, 'preprocessor_config.json')),
  }));
  requireSameSize(path, configs.config, configs.preprocessing);
  const weights = openComponent(path, 'model', renameClip);
  checkKeys(weights, expectedClipWeights(configs.config));
  return { path, ...configs, weights };
}

/** As {@link openClipFolder}, for a detector: config.json and model.safetensors. */
export function openDetectorFolder(folder: string): DetectorFolder {
  const path = resolve(folder);
  const config = asInputError(() => parseDetectorConfig(...jsonOf(path, 'config.json')));
  const weights = openComponent(path, 'model', renameNothing);
  checkKeys(weights, expectedDetectorWeights(config));
  return { path, config, weights };
}

function requireSameSize(
  path: string,
  { vision }: ClipConfig,
  { imageSize }: ImagePreprocessing,
): void {
  if (vision.imageSize === imageSize) return;
  throw new InputError(
    `${path}: preprocessor_config.json makes pictures of ${imageSize} pixels, but config.json's image_size is ${vision.imageSize}: expected the files of one model`,
  );
}

function jsonOf(folder: string, name: string): [json: unknown, where: string] {
  const where = join(folder, name);
  return [readJsonObject(where), where];
}
