import * as z from 'zod';
import { deviceReport } from './api.ts';
import { rowId, timestamp } from './ids.ts';

/** Checkpoints that the library knows, where they lie, and what the devices do with them. */

export const modelRecord = z.strictObject({
  id: rowId,
  name: z.string(),
  /** Absent while it is not known: the file is missing or damaged. */
  family: z.enum(['sd1', 'sd2']).optional(),
  builtIn: z.boolean(),
  /** Last part of its path: enough to recognise it, not enough to say where it lies. */
  fileName: z.string(),
  bytes: z.int().nonnegative(),
  parameters: z.int().nonnegative(),
  dtypes: z.record(z.string(), z.number()),
  /** Pictures it was made for, in pixels. */
  nativeSize: z.int().positive().optional(),
  /** Width and height are multiples of this many pixels. */
  sizeStep: z.int().positive().optional(),
  addedAt: timestamp,
  /** Why it cannot be used: a missing file, missing keys. */
  problem: z.string().optional(),
  /** Remarks: unused keys and the like. */
  details: z.array(z.string()),
  /** Whether pictures of it can be judged (only of models with evaluators). */
  judged: z.boolean(),
});

export type ModelRecord = z.infer<typeof modelRecord>;

/** A device with what was measured on it. */
export const deviceStatus = deviceReport.extend({
  /** Of the last self-test on it. */
  selfTest: z
    .strictObject({
      at: timestamp,
      passed: z.boolean(),
      /** Largest relative error against the processor. */
      error: z.number().optional(),
      /** Denoising steps per second on Toybox. */
      stepsPerSecond: z.number().optional(),
      detail: z.string().optional(),
    })
    .optional(),
});

export type DeviceStatus = z.infer<typeof deviceStatus>;
