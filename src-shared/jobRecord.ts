import * as z from 'zod';
import { rowId, timestamp } from './ids.ts';

/** Long work in the library's queue. Its rows survive restarts. */

const jobKinds = ['train', 'selfTest'] as const;

/**
 * queued: waits for its device. running. paused: by the user; goes on from its checkpoint. interrupted: the engine or the
 * program ended in the middle; goes on by itself. done, failed, cancelled: ended.
 */
export const jobStates = [
  'queued',
  'running',
  'paused',
  'interrupted',
  'done',
  'failed',
  'cancelled',
] as const;

export type JobState = (typeof jobStates)[number];

export type JobAction = 'pause' | 'resume' | 'cancel';

/**
 * What the user may do to a job, by its state: windows offer it, the queue takes it. An interrupted one goes on by itself
 * when its device is free, as a queued one does: it can be paused, and there is nothing to resume.
 */
export const jobActions: Readonly<Record<JobState, readonly JobAction[]>> = {
  queued: ['pause', 'cancel'],
  running: ['pause', 'cancel'],
  interrupted: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  failed: ['resume', 'cancel'],
  done: [],
  cancelled: [],
};

/** How a call or a job is going. */
export const callProgress = z.strictObject({
  /** What is being done, as a user would say it: "picture 2 of 4". */
  phase: z.string(),
  step: z.int().nonnegative(),
  total: z.int().positive(),
  /** Seconds until the phase ends. */
  timeLeft: z.number().nonnegative().optional(),
});

export const jobStatus = z.strictObject({
  id: rowId,
  kind: z.enum(jobKinds),
  /** As the user would call it: "Training <my-cat>". */
  title: z.string(),
  state: z.enum(jobStates),
  /** Higher ones run first; among equals the older. */
  priority: z.int(),
  device: z.string(),
  conceptId: rowId.optional(),
  createdAt: timestamp,
  startedAt: timestamp.optional(),
  finishedAt: timestamp.optional(),
  /** `memory`: bytes that the engine holds. */
  progress: callProgress.extend({ memory: z.number().nonnegative() }).optional(),
  /** What the user should know of it. */
  notes: z.array(z.strictObject({ level: z.enum(['info', 'warning']), message: z.string() })),
  /** Why it failed, and what to do about it. */
  error: z.strictObject({ message: z.string(), advice: z.string() }).optional(),
});

export type JobStatus = z.infer<typeof jobStatus>;
