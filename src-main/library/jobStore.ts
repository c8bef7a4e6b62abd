import type { AnchorShare, ConceptVariant } from '../../src-shared/concept.ts';
import type { TrainingHistory, TrainingPreview } from '../../src-shared/conceptRecord.ts';
import type { JobState, JobStatus } from '../../src-shared/jobRecord.ts';
import type { PathPoint } from './conceptVersions.ts';

/** A job to be queued. */
export interface NewJob {
  readonly kind: JobStatus['kind'];
  readonly title: string;
  readonly device: string;
  /** 0 where absent. */
  readonly priority?: number;
  readonly conceptId?: string;
  /** What was asked for, as JSON. Files that it names by their hash stay as long as the job's row does. */
  readonly request: unknown;
}

/** What may change of a job; absent fields stay, null clears. */
export interface JobChange {
  readonly state?: JobState;
  readonly priority?: number;
  readonly progress?: JobStatus['progress'] | null;
  readonly error?: JobStatus['error'] | null;
}

/** Figures of one step: loss, gradientNorm, ... */
export interface StepFigures {
  readonly step: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** One training of a job: the plain twin, or the semantic one. */
export interface TrainingRun {
  readonly variant: ConceptVariant;
  readonly history: TrainingHistory;
  readonly previews: TrainingPreview[];
  readonly anchors: AnchorShare[];
  readonly versionId?: string;
}

/**
 * Where jobs are kept, with what trainings show on their way. A job goes when its concept is deleted.
 *
 * All methods throw InputError for the id of a job that is not there. What a method returned never changes afterwards.
 */
export interface JobStore {
  /** Queues a job. */
  add(job: NewJob): JobStatus;
  get(id: string): JobStatus;
  /** What was asked for, as it was given to `add`. */
  request(id: string): unknown;
  /** Jobs that have not ended: the running first, then by priority, then by age. With `ended`: all, the newest first. */
  list(query: { readonly ended: boolean }): JobStatus[];
  /**
   * The queued or interrupted job that is next on a device: the highest priority, among equals the oldest. Interrupted
   * and queued ones count alike.
   */
  next(device: string): JobStatus | undefined;
  /**
   * Notes the times by itself: `startedAt` when it first runs, `finishedAt` when it ends (done, failed, cancelled), and
   * not any more when it goes on. The progress may be lost where the power fails; the rest is on disk on return.
   */
  change(id: string, change: JobChange): JobStatus;
  addNote(id: string, note: JobStatus['notes'][number]): JobStatus;
  /** At the start of the program: what was running is interrupted. Returns those. */
  interruptRunning(): JobStatus[];

  /** Records steps; a step that is there already is replaced. Cheap: may be lost where the power fails, not by a crash. */
  recordSteps(id: string, variant: ConceptVariant, steps: readonly StepFigures[]): void;
  /** As {@link recordSteps}, of where the concept stood. */
  recordPath(id: string, variant: ConceptVariant, points: readonly PathPoint[]): void;
  /** Replaces one of the same step. @throws InputError where its files are not in the store */
  recordPreview(id: string, variant: ConceptVariant, preview: TrainingPreview): void;
  /** The surviving anchors as they are now. */
  recordAnchors(id: string, variant: ConceptVariant, anchors: readonly AnchorShare[]): void;
  /** The version that the training became. */
  recordVersion(id: string, variant: ConceptVariant, versionId: string): void;
  /** What the trainings of a job have shown, the plain one first; those of which nothing is recorded are left out. */
  runs(id: string): TrainingRun[];
  /** In the order of steps. */
  path(id: string, variant: ConceptVariant): PathPoint[];
}

/** Of jobs that have not ended, for SQL. */
export const activeStates = `('queued', 'running', 'paused', 'interrupted')`;
