import * as z from 'zod';
import { deviceNames } from './api.ts';
import { rowId } from './ids.ts';

/** What the user chose for the whole studio. Absent fields of an older file take their defaults. */
export const studioSettings = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** The model that new concepts and compositions begin with; the built-in one where absent. */
  modelId: rowId.optional(),
  device: z.enum(deviceNames).default('cpu'),
  /** 0: as many as the machine has. */
  threads: z.int().min(0).max(1024).default(0),
  /** Steps between previews of a training; 0 for none. */
  previewEvery: z.int().min(0).max(100_000).default(50),
  tourDone: z.boolean().default(false),
});

export type StudioSettings = z.infer<typeof studioSettings>;
