import { resolve } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import { statOf } from '../files/fileAccess.ts';
import type { ModelConfigs } from '../models/modelConfigs.ts';
import type { PredictionType } from '../models/schedulerConfig.ts';
import { openDiffusersFolder } from './diffusersFolder.ts';
import {
  expectedAutoencoderWeights,
  expectedTextEncoderWeights,
  expectedUNetWeights,
} from './expectedWeights.ts';
import { openSingleFile } from './singleFile.ts';
import { checkKeys, type WeightTable } from './weightTable.ts';

/** A Stable Diffusion model on disk: what it is, and where each of its weights lies. */
export interface Checkpoint {
  /** Absolute path of the folder or file. */
  readonly path: string;
  readonly kind: 'diffusers' | 'single-file';
  readonly family: 'sd1' | 'sd2';
  readonly configs: ModelConfigs;
  /** Where vocab.json and merges.txt lie; undefined means CLIP's own vocabulary. */
  readonly tokenizerFolder: string | undefined;
  /** Keys are diffusers' in every case. */
  readonly weights: {
    readonly unet: WeightTable;
    readonly textEncoder: WeightTable;
    readonly autoencoder: WeightTable;
  };
  /** What a single file does not say and was taken from elsewhere or assumed, a line each, for the user to see. */
  readonly assumptions: readonly string[];
  /** Keys of a single file that belong to none of the three models and are no known buffer. */
  readonly unusedKeys: readonly string[];
}

export interface CheckpointOptions {
  /** Configuration of a single file: a diffusers folder, which also gives the tokenizer, or a JSON file. */
  readonly configFrom?: string;
  /** What the UNet predicts, where the user knows better than the file. */
  readonly predictionType?: PredictionType;
}

/**
 * Opens a diffusers folder or a single-file .safetensors checkpoint of SD 1.x or 2.x. Only headers and configurations
 * are read.
 *
 * @throws InputError where it is something else or damaged, or where weights are missing, unexpected or of another shape
 */
export function openCheckpoint(path: string, options: CheckpointOptions = {}): Checkpoint {
  const absolute = resolve(path);
  const checkpoint = statOf(absolute).isDirectory()
    ? openDiffusersFolder(absolute, options)
    : openSingleFile(absolute, options);
  const { configs, weights } = checkpoint;
  checkKeys(weights.unet, expectedUNetWeights(configs.unet));
  checkKeys(weights.textEncoder, expectedTextEncoderWeights(configs.textEncoder));
  checkKeys(weights.autoencoder, expectedAutoencoderWeights(configs.autoencoder));
  checkSeams(absolute, configs);
  return checkpoint;
}

/** Each network may be sound and still not fit the next one. */
function checkSeams(path: string, { unet, textEncoder, autoencoder }: ModelConfigs): void {
  const seams: readonly (readonly [string, number, string, number])[] = [
    ['the text encoder', textEncoder.hiddenSize, 'cross_attention_dim', unet.crossAttentionDim],
    ['the autoencoder', autoencoder.latentChannels, 'in_channels', unet.inChannels],
    ['the UNet', unet.outChannels, 'in_channels', unet.inChannels],
  ];
  for (const [giver, given, key, taken] of seams) {
    if (given === taken) continue;
    throw new InputError(
      `${path}: ${giver} gives ${given} channels, but the UNet's ${key} is ${taken}: expected the parts of one model`,
    );
  }
}
