import { bindWeights } from '../checkpoint/bindWeights.ts';
import { openClipFolder, openDetectorFolder } from '../checkpoint/evaluatorFolders.ts';
import { loadTokenizer, requireFittingTokenizer } from '../checkpoint/tokenizerFiles.ts';
import { type AlignmentMeter, createAlignmentMeter } from '../evaluation/alignment.ts';
import { createObjectDetector, type ObjectDetector } from '../evaluation/inclusion.ts';
import type { Compile } from '../tensor/executable.ts';

interface EvaluatorOptions {
  /** Pictures or texts per run. */
  readonly batch?: number;
}

const expectedFiles =
  'expected vocab.json, merges.txt and tokenizer_config.json of the same model as config.json';

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
  requireFittingTokenizer(path, tokenizer, config.text, expectedFiles);
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
