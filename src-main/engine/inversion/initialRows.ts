import type { InitializerChoice } from '../../../src-shared/api.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { encodePrompts } from '../diffusion/networks.ts';
import { meanRow, readVocabularyRows } from '../diffusion/vocabulary.ts';
import { classWordTokens } from './classWord.ts';

/**
 * Rows [vectors, hiddenSize] at which training starts. Where the start has several tokens, one vector is their mean,
 * and several vectors take them in turn.
 *
 * @throws InputError when a word has no tokens, or is none of the model's own
 */
export async function initialRows(
  model: DiffusionModel,
  initializer: InitializerChoice,
  classWord: string,
  vectors: number,
): Promise<Float32Array> {
  const size = model.configs.textEncoder.hiddenSize;
  const found = await startingRows(model, initializer, classWord);
  const rows = vectors === 1 ? meanRow(found, size) : found;
  const count = rows.length / size;
  const result = new Float32Array(vectors * size);
  for (let row = 0; row < vectors; row++) {
    const from = (row % count) * size;
    result.set(rows.subarray(from, from + size), row * size);
  }
  return result;
}

function startingRows(
  model: DiffusionModel,
  initializer: InitializerChoice,
  classWord: string,
): Promise<Float32Array> {
  switch (initializer.kind) {
    case 'class-word':
      return readVocabularyRows(model, classWordTokens(model.tokenizer, classWord).anchorIds);
    case 'words':
      return readVocabularyRows(
        model,
        initializer.words.flatMap((word) => knownTokens(model, word)),
      );
    case 'cross':
      return encoderOutput(model, classWord);
  }
}

function knownTokens({ tokenizer, configs }: DiffusionModel, word: string): number[] {
  const ids = tokenizer.idsOfWord(word);
  if (ids.length > 0 && ids.every((id) => id < configs.textEncoder.vocabSize)) return ids;
  throw new InputError(
    `initial word "${word}" is no word that the model knows; expected one such as "cat"`,
  );
}

/** Last hidden states at the tokens of the class word's last word: [tokens, hiddenSize]. */
async function encoderOutput(model: DiffusionModel, classWord: string): Promise<Float32Array> {
  const { ids, anchorIds } = classWordTokens(model.tokenizer, classWord);
  const { maxPositionEmbeddings, hiddenSize } = model.configs.textEncoder;
  // the begin token comes first, the end token needs a place
  const end = Math.min(ids.length, maxPositionEmbeddings - 2) + 1;
  const start = Math.max(1, end - anchorIds.length);
  const hidden = await encodePrompts(model, [classWord]);
  return hidden.slice(start * hiddenSize, end * hiddenSize);
}
