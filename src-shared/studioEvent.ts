import * as z from 'zod';
import { conceptVariants } from './concept.ts';
import { trainingPreview } from './conceptRecord.ts';
import { rowId } from './ids.ts';
import { type callProgress, jobStatus } from './jobRecord.ts';

/** What the studio tells its windows unasked. */
export const studioEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('job'), job: jobStatus }),
  z.strictObject({
    type: z.literal('trainingStep'),
    jobId: rowId,
    variant: z.enum(conceptVariants),
    step: z.int(),
    figures: z.record(z.string(), z.number()),
  }),
  z.strictObject({
    type: z.literal('trainingPreview'),
    jobId: rowId,
    variant: z.enum(conceptVariants),
    preview: trainingPreview,
  }),
  /** Rows of this kind have changed: ask again. */
  z.strictObject({
    type: z.literal('changed'),
    what: z.enum(['concepts', 'compositions', 'models', 'priors', 'settings', 'votes', 'devices']),
  }),
]);

export type StudioEvent = z.infer<typeof studioEvent>;

/** How a call that takes long is going. */
export type CallProgress = z.infer<typeof callProgress>;
