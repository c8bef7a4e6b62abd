import * as z from 'zod';
import { deviceNames, precisionNames } from './api.ts';
import { rowId } from './ids.ts';

const fields = {
  theme: z.enum(['system', 'light', 'dark']),
  /** The model that new concepts and compositions begin with; the built-in one where absent. */
  modelId: rowId,
  device: z.enum(deviceNames),
  precision: z.enum(precisionNames),
  /** 0: as many as the machine has. */
  threads: z.int().min(0).max(1024),
  /** Steps between previews of a training; 0 for none. */
  previewEvery: z.int().min(0).max(100_000),
  /** Whether the system tells the end of a training that nobody watches. */
  notices: z.boolean(),
  tourDone: z.boolean(),
};

/** What the user chose for the whole studio. Absent fields of an older file take their defaults. */
export const studioSettings = z.object({
  theme: fields.theme.default('system'),
  modelId: fields.modelId.optional(),
  device: fields.device.default('cpu'),
  precision: fields.precision.default('auto'),
  threads: fields.threads.default(0),
  previewEvery: fields.previewEvery.default(50),
  notices: fields.notices.default(true),
  tourDone: fields.tourDone.default(false),
});

export type StudioSettings = z.infer<typeof studioSettings>;

/** Some of them anew. Without defaults: they would come in the places of the fields that are to stay. */
export const settingsChange = z.strictObject(fields).partial();
