import { rm } from 'node:fs/promises';
import type { ConceptVersion, TrainingPreview } from '../../src-shared/conceptRecord.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import type { StudioRequest } from '../../src-shared/studioApi.ts';
import type { Engine } from '../engine/host.ts';
import type { TrainingRun } from '../library/jobStore.ts';
import type { Library } from '../library/library.ts';
import { addVersion } from './commitTraining.ts';
import type { JobRunner } from './jobRunner.ts';
import { trainingJob } from './trainingJob.ts';
import { trainingFolderOf } from './trainLibraryConcept.ts';

interface KeepDesk {
  readonly library: Library;
  readonly runner: Pick<JobRunner, 'pause' | 'conclude'>;
  /** Reads the concept file. */
  readonly engine: Engine;
}

interface KeptRun {
  readonly variant: TrainingRun['variant'];
  readonly file: BlobHash;
}

/**
 * Ends a training and keeps the concept as its preview of a step shows it: of the training under way, and the plain twin
 * of the same step, so that the two can be compared.
 *
 * @returns the version of the training that came last
 * @throws InputError where the job has ended, or has no concept of that step
 */
export async function stopAndKeep(
  { library, runner, engine }: KeepDesk,
  { id, step }: StudioRequest<'stopAndKeep'>,
): Promise<ConceptVersion> {
  requireKept(library, id, step);
  const job = await settle(library, runner, id);
  const request = parseInput(trainingJob, library.jobs.request(id), job.title);
  const versions: ConceptVersion[] = [];
  for (const run of requireKept(library, id, step)) {
    versions.push(await addVersion(library, { job, engine }, request, run));
  }
  runner.conclude(id);
  await rm(trainingFolderOf(library, id), { recursive: true, force: true });
  return versions[versions.length - 1];
}

/** Stops the job, where it has not stopped by itself. @throws InputError where it has ended, or does so just now */
async function settle(
  { jobs }: Library,
  runner: KeepDesk['runner'],
  id: string,
): Promise<JobStatus> {
  const before = jobs.get(id);
  const job = before.state === 'failed' ? before : await runner.pause(id);
  if (job.state !== 'done') return job;
  throw new InputError(`${job.title} has ended just now: all its steps are kept`);
}

/** The trainings that have a concept of that step, the plain one first. @throws InputError where none has */
function requireKept({ jobs }: Library, id: string, step: number): KeptRun[] {
  const runs = jobs.runs(id);
  const kept = runs.flatMap(({ variant, previews }) => {
    const file = previews.find((preview) => preview.step === step)?.concept;
    return file === undefined ? [] : [{ variant, file }];
  });
  if (kept.length > 0) return kept;
  const steps = keptSteps(runs.flatMap(({ previews }) => previews));
  const wayOut = steps.length > 0 ? `choose one of ${steps.join(', ')}` : 'there is none yet';
  throw new InputError(`${jobs.get(id).title} has no concept of step ${step}: ${wayOut}`);
}

function keptSteps(previews: readonly TrainingPreview[]): number[] {
  const steps = previews.filter(({ step, concept }) => step > 0 && concept).map(({ step }) => step);
  return [...new Set(steps)].sort((a, b) => a - b);
}
