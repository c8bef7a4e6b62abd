import type { DiffusionModel } from '../diffusion/model.ts';
import type { AnchorPlan } from '../inversion/anchors.ts';
import {
  addPlaceholderTokens,
  referenceIds,
  textEncoderIds,
} from '../inversion/placeholderTokens.ts';
import {
  classPrompt,
  type Subject,
  subjectText,
  trainingPrompt,
} from '../inversion/promptTemplates.ts';
import type { ClassPair } from '../inversion/trainExpression.ts';
import type { TrainingSet } from '../inversion/trainingSet.ts';

/** How the prompts of a concept are written. */
export interface ConceptPrompts extends Pick<TrainingSet, 'conceptPrompt' | 'classPrompt'> {
  /** The concept and its class word alone, for the class-preserving loss. */
  readonly classPair: ClassPair;
  /** Part of a template's prompt that the text encoder does not see; empty when it sees all. */
  readonly overflowOf: (template: string, captionSuffix?: string) => string;
}

/**
 * Adds a concept's tokens to the model's tokenizer.
 *
 * @throws InputError when the token cannot be one or exists already
 */
export function teachConcept(
  model: DiffusionModel,
  { token, vectors, classWord }: Subject,
  { referenceId }: AnchorPlan,
): ConceptPrompts {
  const { tokenizer, configs } = model;
  const subject = { token, vectors, classWord };
  const [firstId] = addPlaceholderTokens(tokenizer, token, vectors);
  const slots = Array.from({ length: vectors }, (_, row) => configs.textEncoder.vocabSize + row);
  const encode = (prompt: string) => textEncoderIds(model, prompt, firstId);
  const placed = (text: string) => ({
    ids: encode(text),
    endPosition: tokenizer.encodePadded(text).endPosition,
  });
  return {
    conceptPrompt: (template, wording, captionSuffix) => {
      const ids = encode(trainingPrompt(template, subject, wording, captionSuffix));
      const reference = referenceId === undefined ? ids : referenceIds(ids, slots, referenceId);
      return { ids, referenceIds: reference };
    },
    classPrompt: (template) => encode(classPrompt(template, classWord)),
    classPair: { concept: placed(subjectText(subject)), classWord: placed(classWord) },
    overflowOf: (template, captionSuffix) =>
      tokenizer.encodePadded(trainingPrompt(template, subject, '', captionSuffix)).overflow,
  };
}
