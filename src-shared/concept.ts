import * as z from 'zod';

/** What a trained concept is: the parser of the description that its file carries. */

/** textual-inversion: rows of the vocabulary alone. custom-diffusion: also keys and values of cross-attention.
 * lora-dreambooth: a LoRA of the UNet. dreambooth: the whole UNet. */
export const trainingMethods = [
  'textual-inversion',
  'custom-diffusion',
  'lora-dreambooth',
  'dreambooth',
] as const;

export type TrainingMethod = (typeof trainingMethods)[number];

/** A word and its share in the mixture that attracts the concept. */
export const anchorShare = z.object({ word: z.string(), share: z.number() });

export type AnchorShare = z.infer<typeof anchorShare>;

/** How far the concept lies from the words that the model knows. */
export const conceptDrift = z.object({
  /** Length of the rows over the vocabulary's mean length. */
  normRatio: z.number(),
  /** Cosine to the class word, -1 to 1; absent where there is no class word. */
  classCosine: z.number().optional(),
  /** Rank of the mean distance to the ten nearest words among all words, 0 to 100: 100 is farther out than any word. */
  percentile: z.number().min(0).max(100),
});

export type ConceptDrift = z.infer<typeof conceptDrift>;

/** How much of a concept goes in at most: as far as windows offer, which is half more than was trained. */
export const mostStrength = 1.5;

const strengthRange = `expected a strength from 0, its class word, to ${mostStrength}; 1 is as trained`;

/** 1 is the word as trained, 0 its class word. */
export const conceptStrength = z
  .number(strengthRange)
  .min(0, strengthRange)
  .max(mostStrength, strengthRange);

/** Characters of a token or a class word at most. */
export const longestWord = 60;

/** Whether a prompt can tell it from its other words. */
export function isToken(text: string): boolean {
  return text.length <= longestWord && /^\S+$/u.test(text);
}

/** What a concept is, such as "cat". */
export const conceptClassWord = z
  .string('expected a word such as "cat"')
  .trim()
  .min(1, 'expected a word such as "cat"')
  .max(longestWord, `expected a word of at most ${longestWord} characters`);

/** Whether the rank says anything: it is 100 for whatever lies outside the vocabulary, however far. */
export function isRankTelling(percentile: number): boolean {
  return percentile < 99.5;
}

/** Plain: trained as the method was published. Semantic: with anchors, which keep the concept among the model's words. */
export const conceptVariants = ['plain', 'semantic'] as const;

export type ConceptVariant = (typeof conceptVariants)[number];

/** Of a concept that is there. Foreign: another program trained it, and how is not known. */
export const storedVariants = [...conceptVariants, 'foreign'] as const;

export type StoredVariant = (typeof storedVariants)[number];

/** What another program's concept file is. */
export const foreignConcept = z.object({
  /** That it would have. */
  token: z.string(),
  /** Whether it has the word itself; the word of weights may be in another file. */
  hasWord: z.boolean(),
  /** "a textual inversion, 3 vectors of width 768" */
  summary: z.string(),
});

export type ForeignConcept = z.infer<typeof foreignConcept>;

/** The description inside a concept file, under the metadata key `tessera.concept`. */
export const conceptDescription = z.object({
  version: z.literal(1, 'expected 1: written by another version of Tessera'),
  /** How prompts call it, such as "<my-cat>". */
  token: z.string().min(1, 'expected the word that marks the concept'),
  vectors: z.int().positive(),
  /** What it is, such as "cat"; follows the token in prompts. */
  classWord: z.string(),
  method: z.enum(trainingMethods),
  variant: z.enum(storedVariants),
  family: z.enum(['sd1', 'sd2']),
  /** Width of the rows. */
  width: z.int().positive(),
  /** File name of the checkpoint that it was trained on, or imported for. */
  modelName: z.string(),
  /** Absent where another program trained it. */
  seed: z.int().nonnegative().optional(),
  /** Absent where another program trained it and does not tell. */
  steps: z.int().nonnegative().optional(),
  /** Mean of the reconstruction loss over the last tenth of the steps; absent before the first. */
  loss: z.number().optional(),
  anchors: z.array(anchorShare),
  /** Of a LoRA: y = W x + alpha / rank * up (down x). */
  lora: z.object({ rank: z.int().positive(), alpha: z.number().positive() }).optional(),
  drift: conceptDrift.optional(),
  /** Version of the program that trained it; absent in older files. */
  engineVersion: z.string().optional(),
  /** All that the training was set to, named as in a training's input; absent in older files. */
  training: z.record(z.string(), z.unknown()).optional(),
});

export type ConceptDescription = z.infer<typeof conceptDescription>;
