import * as z from 'zod';
import { trainConceptInput } from './api.ts';
import {
  anchorShare,
  conceptClassWord,
  conceptDrift,
  isToken,
  longestWord,
  storedVariants,
  trainingMethods,
} from './concept.ts';
import { blobHash, rowId, timestamp } from './ids.ts';
import { trainingPhoto } from './photo.ts';

/** Concepts in the library: each has versions, one per training or import, with all that made them. */

/** What a training does, apart from the photos, the words and the machine; fields as in {@link trainConceptInput}. */
export const trainingSettings = trainConceptInput.pick({
  method: true,
  vectors: true,
  anchors: true,
  anchorWeight: true,
  initializer: true,
  official: true,
  steps: true,
  learningRate: true,
  schedule: true,
  warmupSteps: true,
  scheduleCycles: true,
  schedulePower: true,
  batch: true,
  accumulate: true,
  rank: true,
  alpha: true,
  priorImages: true,
  priorWeight: true,
  directional: true,
  classPreserving: true,
  maskedAttention: true,
  size: true,
  flip: true,
  seed: true,
  checkpointEvery: true,
});

export type TrainingSettings = z.output<typeof trainingSettings>;

/** Measured at some steps of a training: one column per figure, each as long as `step`; null where it was not measured. */
export const trainingHistory = z.strictObject({
  step: z.array(z.int()),
  /** loss, anchor, prior, gradientNorm, learningRate, normRatio, classCosine, drift; seconds until then, pauses left out */
  figures: z.record(z.string(), z.array(z.number().nullable())),
});

export type TrainingHistory = z.infer<typeof trainingHistory>;

/** What the concept draws after some steps of its training. */
export const trainingPreview = z.strictObject({
  step: z.int().nonnegative(),
  /** "a photo of a <my-cat> cat" */
  plain: blobHash,
  /** "a <my-cat> cat and a backpack", from the same seed at every step */
  composition: blobHash,
  /** The concept as it was then: a concept file that can be kept. */
  concept: blobHash.optional(),
});

export type TrainingPreview = z.infer<typeof trainingPreview>;

/** One training, or one import, of a concept. */
export const conceptVersion = z.strictObject({
  id: rowId,
  /** From 1, in the order of making. */
  number: z.int().positive(),
  createdAt: timestamp,
  /** The version that this one was made from. */
  parentId: rowId.optional(),
  variant: z.enum(storedVariants),
  method: z.enum(trainingMethods),
  /** The concept file. */
  file: blobHash,
  bytes: z.int().nonnegative(),
  /** Trained on, or imported for: id where that model is in the library, and the name it had. */
  modelId: rowId.optional(),
  modelName: z.string(),
  family: z.enum(['sd1', 'sd2']),
  /** Absent for imports. */
  settings: trainingSettings.optional(),
  engineVersion: z.string(),
  vectors: z.int().positive(),
  /** Absent where another program trained it and does not tell. */
  steps: z.int().nonnegative().optional(),
  loss: z.number().optional(),
  drift: conceptDrift.optional(),
  anchors: z.array(anchorShare),
  /** That its training took, without pauses. */
  seconds: z.number().optional(),
  history: trainingHistory.optional(),
  previews: z.array(trainingPreview),
  /** What their compositions show beside the concept: "backpack". */
  previewObject: z.string().optional(),
  photos: z.array(trainingPhoto),
  cover: blobHash.optional(),
});

export type ConceptVersion = z.infer<typeof conceptVersion>;

/** How a concept is called: in prompts by its token, in the library by its name. */
export const conceptNaming = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'expected a name')
    .max(120, 'expected a name of at most 120 characters'),
  token: z
    .string()
    .trim()
    .refine(
      isToken,
      `expected one word without spaces of at most ${longestWord} characters, such as <my-cat>`,
    ),
  classWord: conceptClassWord,
});

/** A concept in a list. Whatever an older version took for a name is shown: it can be mended or deleted. */
export const conceptSummary = z.strictObject({
  id: rowId,
  name: z.string(),
  token: z.string(),
  classWord: z.string(),
  /** Why nothing can be made with it as it is called: see {@link conceptNaming}. */
  problem: z.string().optional(),
  createdAt: timestamp,
  updatedAt: timestamp,
  favourite: z.boolean(),
  tags: z.array(z.string()),
  trashedAt: timestamp.optional(),
  versions: z.int().nonnegative(),
  /** Of the newest version; absent while nothing is trained. */
  cover: blobHash.optional(),
  method: z.enum(trainingMethods).optional(),
  variant: z.enum(storedVariants).optional(),
  family: z.enum(['sd1', 'sd2']).optional(),
  drift: conceptDrift.optional(),
  /** The training under way, or one that can go on. */
  jobId: rowId.optional(),
});

export type ConceptSummary = z.infer<typeof conceptSummary>;

/** A concept with everything about it, newest version first. */
export const conceptDetail = conceptSummary.extend({
  notes: z.string(),
  versionList: z.array(conceptVersion),
});

export type ConceptDetail = z.infer<typeof conceptDetail>;

export const conceptOrders = ['newest', 'oldest', 'name', 'updated', 'drift'] as const;
