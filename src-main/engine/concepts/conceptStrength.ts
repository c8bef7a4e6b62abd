import { InputError } from '../../../src-shared/inputError.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { rowsAtStrength } from '../diffusion/strength.ts';
import { meanRow, readVocabularyRows } from '../diffusion/vocabulary.ts';
import { classWordTokens } from '../inversion/classWord.ts';
import type { Concept } from './conceptFile.ts';

/**
 * A concept as strong as asked: see rowsAtStrength; changes of the UNet are scaled.
 *
 * @param strength 1 gives the very same concept
 * @throws InputError where it has no class word to go toward, or belongs to a model with rows of another width
 */
export async function atStrength(
  model: DiffusionModel,
  concept: Concept,
  strength = 1,
): Promise<Concept> {
  if (strength === 1) return concept;
  const { description, path } = concept;
  const size = model.configs.textEncoder.hiddenSize;
  // Another width is told by applyConcepts, which knows more about it.
  if (description.width !== size) return concept;
  if (description.classWord === '') {
    throw new InputError(
      `${path} has no class word, so its strength cannot be changed: leave it at 1`,
    );
  }
  const { anchorIds } = classWordTokens(model.tokenizer, description.classWord);
  const classRow = meanRow(await readVocabularyRows(model, anchorIds), size);
  return { ...concept, rows: rowsAtStrength(concept.rows, classRow, strength), strength };
}
