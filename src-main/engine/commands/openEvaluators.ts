import { InputError } from '../../../src-shared/inputError.ts';
import { bindWeights } from '../checkpoint/bindWeights.ts';
import { openClipFolder, openDetectorFolder } from '../checkpoint/evaluatorFolders.ts';
import { loadTokenizer } from '../checkpoint/tokenizerFiles.ts';
import {
  type AlignmentMeter,
  type ClipModel,
  createAlignmentMeter,
} from '../evaluation/alignment.ts';
import { createObjectDetector, type ObjectDetector } from '../evaluation/inclusion.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import type { Compile } from '../tensor/executable.ts';

interface EvaluatorOptions {
  /** Pictures or texts per run. */
  readonly batch?: number;
}

/**
 * A meter of text and image alignment from a folder with a pair of CLIP encoders and their tokenizer.
 *
 * @throws InputError where a file is missing or damaged, or where they do not belong together
 */
export async function openAlignmentMeter(
  folder: string,
  compile: Compile,
  options: EvaluatorOptions = {},
): Promise<AlignmentMeter> {
  const { path, config, preprocessing, weights } = openClipFolder(folder);
  const tokenizer = loadTokenizer(path);
  requireFit(path, tokenizer, config.text);
  const bound = bindWeights(weights, path);
  return createAlignmentMeter(
    { config, preprocessing, weights: bound, tokenizer, compile },
    options,
  );
}

/**
 * A detector of objects from its folder.
 *
 * @throws InputError as {@link openAlignmentMeter}
 */
export async function openObjectDetector(
  folder: string,
  compile: Compile,
  options: EvaluatorOptions = {},
): Promise<ObjectDetector> {
  const { path, config, weights } = openDetectorFolder(folder);
  return createObjectDetector({ config, weights: bindWeights(weights, path), compile }, options);
}

function requireFit(
  path: string,
  tokenizer: Tokenizer,
  { vocabSize, maxPositionEmbeddings }: ClipModel['config']['text'],
): void {
  const limits = [
    ['words', tokenizer.size, vocabSize],
    ['tokens in a prompt', tokenizer.maxLength, maxPositionEmbeddings],
  ] as const;
  for (const [what, given, most] of limits) {
    if (given <= most) continue;
    throw new InputError(
      `${path}: the tokenizer has ${given} ${what}, the text encoder takes ${most}: expected vocab.json, merges.txt and tokenizer_config.json of the same model as config.json`,
    );
  }
}
