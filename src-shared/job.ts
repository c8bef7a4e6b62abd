import * as z from 'zod';
import { anchorShare } from './concept.ts';

/** What a running job tells: how far it is, what the user should know, what it has found. */

const progress = z.object({
  type: z.literal('progress'),
  /** What is being done, as a user would say it: 'training', 'picture 2 of 4'. */
  phase: z.string(),
  /** Finished steps of the phase. */
  step: z.int().nonnegative(),
  total: z.int().positive(),
  /** Measured at this step: loss, drift and the like. */
  values: z.record(z.string(), z.number()).optional(),
  /** Seconds until the phase ends, by the pace of the last steps. */
  timeLeft: z.number().nonnegative().optional(),
  /** Bytes of main memory that the engine holds. */
  memory: z.number().nonnegative(),
});

export type JobProgress = z.infer<typeof progress>;

const note = z.object({
  type: z.literal('note'),
  level: z.enum(['info', 'warning']),
  message: z.string(),
});

/** One comparison with the reference implementation. */
const verifiedCase = z.object({
  type: z.literal('case'),
  /** Kind of computation: text, unet, train, ... */
  group: z.string(),
  name: z.string(),
  status: z.enum(['passed', 'failed', 'unsupported']),
  /** ||ours - reference|| / ||reference|| unless `measure` says otherwise. */
  error: z.number().optional(),
  tolerance: z.number().optional(),
  measure: z.string().optional(),
  /** Why a case failed or is not supported. */
  detail: z.string().optional(),
});

export type VerifiedCase = z.infer<typeof verifiedCase>;

/** A training as it is after some steps. */
const snapshot = z.object({
  type: z.literal('snapshot'),
  /** Steps taken. */
  step: z.int().nonnegative(),
  /** The concept as it is then: a concept file. Absent where the method trains too much to keep it so often. */
  concept: z.string().optional(),
  /** PNG files of the concept alone and beside another object. */
  plain: z.string(),
  composition: z.string(),
  /** The concept's rows [vectors, width]; absent where its file is. */
  rows: z.instanceof(Float32Array).optional(),
});

export type TrainingSnapshot = z.infer<typeof snapshot>;

/** What the mixture that attracts a concept is made of after some steps of its training, the greatest share first. */
const anchorsEvent = z.object({
  type: z.literal('anchors'),
  step: z.int().nonnegative(),
  anchors: z.array(anchorShare),
});

export const jobEvent = z.discriminatedUnion('type', [
  progress,
  note,
  verifiedCase,
  snapshot,
  anchorsEvent,
]);

export type JobEvent = z.infer<typeof jobEvent>;

/** How a shell follows and stops a job. */
export interface JobOptions {
  readonly onEvent?: (event: JobEvent) => void;
  /** Stops at the next step boundary. What was reached is kept. */
  readonly signal?: AbortSignal;
}
