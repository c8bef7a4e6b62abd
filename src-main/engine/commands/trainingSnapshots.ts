import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { refusing } from '../checkpoint/fileKind.ts';
import { lossOf, type TrainingState } from '../inversion/trainLoop.ts';
import type { EngineParams } from '../protocol.ts';
import { readConcept } from './conceptFile.ts';
import { type CommandContext, note, warn } from './context.ts';
import { storeConcept, type Training } from './storeConcept.ts';
import { samplePreviews } from './trainingPreviews.ts';
import { writeFileWhole } from './writeFileWhole.ts';

type Request = NonNullable<EngineParams<'trainConcept'>['snapshots']>;

/** A concept with more numbers than this is not kept at every look: 400 MB. */
const mostNumbers = 100_000_000;

export interface Snapshots {
  /** Looks at the concept where the step is one to look at. A stop ends the looking; the training's loop acts on it. */
  look(state: TrainingState): Promise<void>;
}

/**
 * Looks at a training at its start, every some steps and at its end: stores the concept as it is and two pictures of
 * it. The trained values and their random streams are only read. What lies in the folder was made before a stop; it is
 * told again, and not made again.
 */
export function createSnapshots(
  training: Training & { readonly context: CommandContext },
  request: Request,
): Snapshots {
  const { context, setup } = training;
  const total = setup.settings.steps;
  const isDue = (step: number) => step % request.every === 0 || step === total;
  let first = true;
  return {
    look: async (state) => {
      if (first) reportEarlier(request, state.step, isDue, context);
      first = false;
      if (!isDue(state.step)) return;
      const files = filesOf(request.folder, state.step);
      if (!isComplete(files)) await make(training, request, state, files);
      if (isComplete(files)) report(files, state.step, context);
    },
  };
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
  step: number,
  isDue: (step: number) => boolean,
  context: CommandContext,
): void {
  for (let earlier = 0; earlier < step; earlier++) {
    const files = filesOf(folder, earlier);
    if (isDue(earlier) && isComplete(files)) report(files, earlier, context);
  }
}

function report({ concept, ...pictures }: SnapshotFiles, step: number, context: CommandContext) {
  const kept = existsSync(concept)
    ? { concept, rows: new Float32Array(readConcept(concept).rows) }
    : {};
  context.report({ type: 'snapshot', step, ...kept, ...pictures });
}

async function make(
  training: Training & { readonly context: CommandContext },
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
  writeFileWhole(files.composition, pictures.composition);
  writeFileWhole(files.plain, pictures.plain);
}

/** Pictures are only looked at: where they cannot be had, such as of wild numbers, the training goes on. */
function explainAbsence(context: CommandContext, step: number, error: unknown): undefined {
  if (context.signal.aborted) {
    note(context, `the previews of step ${step} are made when the training goes on`);
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  warn(context, `there are no previews of step ${step}: ${reason}`);
}

function isSmall(values: Training['setup']['trainer']['values']): boolean {
  return Object.values(values).reduce((sum, { length }) => sum + length, 0) <= mostNumbers;
}
