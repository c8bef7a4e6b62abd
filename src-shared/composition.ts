import * as z from 'zod';
import { composePreviewInput, pictureEvaluation } from './api.ts';
import { conceptDrift, conceptStrength } from './concept.ts';
import { blobHash, rowId, timestamp } from './ids.ts';
import { heatMap, type Layout, parseLayout } from './layout.ts';

/** Pictures composed from concepts, with all that is needed to make them again. */

export const layoutField = z.unknown().transform((value): Layout => parseLayout(value));

/** How much of a concept goes in: 1 is the word as trained, 0 its class word. */
export const conceptUse = z.strictObject({
  versionId: rowId,
  /** As in the prompt. */
  token: z.string(),
  strength: conceptStrength.default(1),
});

/** Fields as in {@link composePreviewInput}. */
export const compositionSettings = composePreviewInput
  .pick({
    prompt: true,
    negative: true,
    official: true,
    layoutLoss: true,
    guidedSteps: true,
    layoutUpdates: true,
    layoutThreshold: true,
    sampler: true,
    karras: true,
    steps: true,
    guidance: true,
    seed: true,
    size: true,
  })
  .extend({
    modelId: rowId,
    concepts: z.array(conceptUse).max(8, 'expected at most 8 concepts').default([]),
    layout: layoutField.optional(),
    /** Whether the layout guides the picture. */
    spatial: z.boolean().default(true),
  });

export type CompositionSettings = z.output<typeof compositionSettings>;

/** Where the attention of one phrase of the layout lies. */
export const phraseAttention = z.strictObject({
  phrase: z.string(),
  /** Share of it inside the phrase's boxes, 0 to 1. */
  inside: z.number(),
  heatMap,
  /** The same at single steps, from the first to the last. */
  overTime: z.array(z.strictObject({ step: z.int().nonnegative(), heatMap })).default([]),
});

/** A picture that was composed, kept or not. */
export const composedPicture = z.strictObject({
  /** A PNG with its parameters inside. */
  picture: blobHash,
  width: z.int().positive(),
  height: z.int().positive(),
  settings: compositionSettings,
  /** The layout that was used: given, or proposed. */
  layout: layoutField.optional(),
  /** Of the layout's phrases; empty without a layout. */
  attention: z.array(phraseAttention),
  drifts: z.array(z.strictObject({ token: z.string(), drift: conceptDrift.optional() })),
  /** Absent for models without evaluators. */
  evaluation: pictureEvaluation.optional(),
  /** What the engine had to say besides: that the prompt was cut, that a layout is vague. Not kept in the library. */
  notes: z.array(z.string()).optional(),
  seconds: z.number(),
});

export type ComposedPicture = z.infer<typeof composedPicture>;

export const comparisonWays = ['plain', 'semantic', 'spatial', 'both'] as const;
export type ComparisonWay = (typeof comparisonWays)[number];

/** The same seed four ways. */
export const comparison = z.strictObject({
  ways: z.array(z.strictObject({ way: z.enum(comparisonWays), picture: composedPicture })),
});

/** A picture that was kept. */
export const keptComposition = composedPicture.extend({
  id: rowId,
  createdAt: timestamp,
  /** 0: not rated. */
  rating: z.int().min(0).max(5),
  thumbnail: blobHash,
  modelName: z.string(),
  /** Of a comparison: which way, and an id that its four share. */
  way: z.enum(comparisonWays).optional(),
  comparisonId: rowId.optional(),
  trashedAt: timestamp.optional(),
});

export type KeptComposition = z.infer<typeof keptComposition>;
