import { bindWeights } from './checkpoint/bindWeights.ts';
import type { Checkpoint } from './checkpoint/checkpoint.ts';
import { loadTokenizer } from './checkpoint/tokenizerFiles.ts';
import type { DiffusionModel } from './diffusion/model.ts';
import { clipTokenizer } from './models/clipVocabulary.ts';
import type { Tokenizer } from './models/tokenizer.ts';
import type { Compile } from './tensor/executable.ts';

/**
 * Makes a checkpoint ready to run.
 *
 * @param tokenizer of the model's own, to which placeholder tokens can be added
 * @throws InputError when the tokenizer's files cannot be used
 */
export function loadModel(
  checkpoint: Checkpoint,
  compile: Compile,
  tokenizer: Tokenizer = tokenizerOf(checkpoint),
): DiffusionModel {
  const { path, configs, weights } = checkpoint;
  return {
    configs,
    weights: {
      unet: bindWeights(weights.unet, `${path}: unet`),
      textEncoder: bindWeights(weights.textEncoder, `${path}: text encoder`),
      autoencoder: bindWeights(weights.autoencoder, `${path}: autoencoder`),
    },
    tokenizer,
    compile,
  };
}

/** A single file brings no tokenizer; the family tells with what the prompts were padded. */
export function tokenizerOf({ tokenizerFolder, family }: Checkpoint): Tokenizer {
  if (tokenizerFolder !== undefined) return loadTokenizer(tokenizerFolder);
  return clipTokenizer(family === 'sd1' ? '<|endoftext|>' : '!');
}
