import * as z from 'zod';
import { conceptNaming, trainingSettings } from './conceptRecord.ts';
import { rowId } from './ids.ts';
import { trainingPhoto } from './photo.ts';

/** A training to be queued: of a new concept, or a new version of one. */
export const trainingRequest = z.strictObject({
  concept: z.union([
    z.strictObject({ id: rowId }),
    conceptNaming.extend({ tags: z.array(z.string()).default([]) }),
  ]),
  modelId: rowId,
  photos: z.array(trainingPhoto).min(1, 'expected at least one photo').max(50),
  settings: trainingSettings,
  /** Trains a plain twin from the same seed first, so that the two can be compared. */
  bothWays: z.boolean().default(true),
  /** Steps between previews; 0 for none. */
  previewEvery: z.int().min(0).default(50),
  /** Minutes of training between previews: where given, they count instead of steps, and the clock picks the steps. */
  previewMinutes: z
    .number()
    .positive('expected a number above 0')
    .max(10_000, 'expected at most 10000')
    .optional(),
  /** What the composition preview shows beside the concept. */
  previewObject: z.string().trim().min(1).max(60).default('backpack'),
  parentId: rowId.optional(),
});
