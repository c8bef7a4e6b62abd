import * as z from 'zod';
import { rowId } from './ids.ts';

/** A word on the map of the vocabulary. */
const mapPoint = z.strictObject({ word: z.string(), x: z.number(), y: z.number() });

/** The map of a model's vocabulary, with the ways of some concepts on it. */
export const embeddingMap = z.strictObject({
  /** Words of the model, projected on the two directions in which they and the concept spread most. */
  words: z.array(mapPoint),
  /** Ellipse that holds 95 % of the core distribution: centre, half axes, angle in radians. */
  core: z.strictObject({
    x: z.number(),
    y: z.number(),
    major: z.number(),
    minor: z.number(),
    angle: z.number(),
  }),
  /** Where the concept stood after each step that is known, from its start to its end; one list per version. */
  paths: z.array(
    z.strictObject({
      versionId: rowId,
      variant: z.string(),
      points: z.array(z.strictObject({ step: z.int(), x: z.number(), y: z.number() })),
      nearest: z.array(z.strictObject({ word: z.string(), cosine: z.number() })),
    }),
  ),
  /** Share of the variance that the two directions hold, 0 to 1. */
  explained: z.number(),
});
