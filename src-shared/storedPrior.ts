import * as z from 'zod';
import { rowId, timestamp } from './ids.ts';
import { type LayoutPrior, parseLayoutPrior } from './layout.ts';

export const layoutPriorField = z
  .unknown()
  .transform((value): LayoutPrior => parseLayoutPrior(value));

/** A prior in the library. */
export const storedPrior = z.strictObject({
  id: rowId,
  name: z.string(),
  createdAt: timestamp,
  prior: layoutPriorField,
});

export type StoredPrior = z.output<typeof storedPrior>;
