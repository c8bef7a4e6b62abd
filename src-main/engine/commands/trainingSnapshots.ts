import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../src-shared/caught.ts';
import { readConcept } from '../concepts/conceptFile.ts';
import { refusing } from '../files/fileAccess.ts';
import { writeFileWhole } from '../files/writeFileWhole.ts';
import { lossOf, type TrainingState } from '../inversion/trainLoop.ts';
import type { EngineParams } from '../protocol.ts';
import { type CommandContext, note, warn } from './context.ts';
import { storeConcept, type Training } from './storeConcept.ts';
import { samplePreviews } from './trainingPreviews.ts';

type Request = NonNullable<EngineParams<'trainConcept'>['snapshots']>;

/** A concept with more numbers than this is not kept at every look: 400 MB. */
const mostNumbers = 100_000_000;

export interface Snapshots {
  /** Looks at the concept where the step is one to look at. A stop ends the looking; the training's loop acts on it. */
  look(state: TrainingState): Promise<void>;
}

/**
 * Looks at a training at its start, every some steps or minutes and at its end: stores the concept as it is and two
 * pictures of it. The trained values and their random streams are only read. What lies in the folder was made before a
 * stop; it is told again, and not made again.
 *
 * Of minutes, a clock says which steps are looked at: they are the one thing that may differ between two trainings, or
 * after a stop. The look of a given step is the same, and so is the trained concept.
 */
export function createSnapshots(training: Training, request: Request): Snapshots {
  const { context, setup } = training;
  const total = setup.settings.steps;
  const begun = begunSteps(request.folder);
  const timetable = createTimetable(request.every);
  let first = true;
  return {
    look: async (state) => {
      const { step } = state;
      if (first) reportEarlier(request, begun, step, context);
      first = false;
      const isDue = step === 0 || step === total || begun.includes(step) || timetable.isDue(step);
      if (!isDue) return;
      const files = filesOf(request.folder, step);
      if (!isComplete(files)) await make(training, request, state, files);
      if (isComplete(files)) report(files, step, context);
      timetable.looked();
    },
  };
}

/** Minutes count from the last look, or from where the training goes on; the looks themselves are left out. */
function createTimetable(every: Request['every']) {
  let start = performance.now();
  return {
    /** Whether a step between start and end is one to look at. */
    isDue: (step: number) =>
      'steps' in every
        ? step % every.steps === 0
        : performance.now() - start >= every.minutes * 60_000,
    looked: () => {
      start = performance.now();
    },
  };
}

/** Steps that were looked at before, or were about to be, in their order. */
function begunSteps(folder: string): number[] {
  if (!existsSync(folder)) return [];
  const steps = readdirSync(folder).flatMap((name) => {
    const step = /^step-(\d+)\./.exec(name)?.[1];
    return step === undefined ? [] : [Number(step)];
  });
  return [...new Set(steps)].toSorted((one, other) => one - other);
}

interface SnapshotFiles {
  readonly concept: string;
  readonly plain: string;
  readonly composition: string;
}

function filesOf(folder: string, step: number): SnapshotFiles {
  const base = join(folder, `step-${String(step).padStart(6, '0')}`);
  return {
    concept: `${base}.safetensors`,
    plain: `${base}.plain.png`,
    composition: `${base}.composition.png`,
  };
}

/** The pictures are written last, each whole or not at all. */
function isComplete({ plain, composition }: SnapshotFiles): boolean {
  return existsSync(plain) && existsSync(composition);
}

/** A resumed training tells what it showed before: the listener may have ended without keeping it. */
function reportEarlier(
  { folder }: Request,
  begun: readonly number[],
  step: number,
  context: CommandContext,
): void {
  for (const earlier of begun) {
    const files = filesOf(folder, earlier);
    if (earlier < step && isComplete(files)) report(files, earlier, context);
  }
}

function report({ concept, ...pictures }: SnapshotFiles, step: number, context: CommandContext) {
  const kept = existsSync(concept)
    ? { concept, rows: new Float32Array(readConcept(concept).rows) }
    : {};
  context.report({ type: 'snapshot', step, ...kept, ...pictures });
}

async function make(
  training: Training,
  { folder, object }: Request,
  { step, reconstructions }: TrainingState,
  files: SnapshotFiles,
): Promise<void> {
  const { context, setup } = training;
  refusing(folder, () => mkdirSync(folder, { recursive: true }));
  await storeConcept(files.concept, training, { steps: step, loss: lossOf(reconstructions) });
  const pictures = await samplePreviews(training, { concept: files.concept, object, step }).catch(
    (error: unknown) => explainAbsence(context, step, error),
  );
  if (!isSmall(setup.trainer.values)) rmSync(files.concept);
  if (!pictures) return;
  writeFileWhole(files.composition, () => [pictures.composition]);
  writeFileWhole(files.plain, () => [pictures.plain]);
}

/** Pictures are only looked at: where they cannot be had, such as of wild numbers, the training goes on. */
function explainAbsence(context: CommandContext, step: number, error: unknown): undefined {
  if (context.signal.aborted) {
    note(context, `the previews of step ${step} are made when the training goes on`);
    return;
  }
  const reason = messageOf(error);
  warn(context, `there are no previews of step ${step}: ${reason}`);
}

function isSmall(values: Training['setup']['trainer']['values']): boolean {
  return Object.values(values).reduce((sum, { length }) => sum + length, 0) <= mostNumbers;
}
