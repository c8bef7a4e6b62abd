import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { api, type CallInput } from '../../src-shared/api.ts';
import type { ConceptVariant } from '../../src-shared/concept.ts';
import type { JobEvent } from '../../src-shared/job.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import type { StudioEvent } from '../../src-shared/studioEvent.ts';
import { type EngineParams, trainingCheckpointOf } from '../engine/protocol.ts';
import type { Library } from '../library/library.ts';
import { commitTraining } from './commitTraining.ts';
import { type FileNames, renamed, withNames } from './fileNames.ts';
import type { JobContext, JobWork } from './jobRunner.ts';
import { layOutPhotos, type TrainingFolder } from './trainingFolder.ts';
import { type TrainingJob, trainingJob, variantsOf } from './trainingJob.ts';
import { createTrainingKeeper } from './trainingKeeper.ts';
import { withVariant } from './withVariant.ts';

/**
 * Trains a concept of the library: lays its photos out, trains the plain twin where asked and then the semantic one,
 * keeps what they show on their way, and adds the versions at the end. Called again after any end in the middle, it goes
 * on from what lies in the job's folder.
 */
export function trainLibraryConcept(library: Library, emit: (event: StudioEvent) => void): JobWork {
  return async (context) => {
    const job = parseInput(trainingJob, context.request, context.job.title);
    const folder = trainingFolderOf(library, context.job.id);
    await mkdir(folder, { recursive: true });
    const photos = await layOutPhotos(library.blobs, job.request.photos, folder);
    const training = { library, context, job, folder, photos, emit };
    const variants = variantsOf(job.request);
    for (const variant of variants) await train(training, variant, variants.length > 1);
    await commitTraining(library, context, job, (variant) => conceptFileOf(folder, variant));
    await rm(folder, { recursive: true, force: true });
    emit({ type: 'changed', what: 'concepts' });
  };
}

/** Photos, checkpoint and snapshots of an unfinished training. */
export function trainingFolderOf({ trainings }: Library, jobId: string): string {
  return join(trainings, jobId);
}

function conceptFileOf(folder: string, variant: ConceptVariant): string {
  return join(folder, `${variant}.safetensors`);
}

interface LibraryTraining {
  readonly library: Library;
  readonly context: JobContext;
  readonly job: TrainingJob;
  readonly folder: string;
  readonly photos: TrainingFolder;
  readonly emit: (event: StudioEvent) => void;
}

async function train(
  training: LibraryTraining,
  variant: ConceptVariant,
  isOneOfTwo: boolean,
): Promise<void> {
  const { library, context, emit } = training;
  const names = namesOf(training);
  const keeper = createTrainingKeeper(library, context.job.id, variant, emit);
  const { signal } = context.options;
  const onEvent = (event: JobEvent) => {
    context.guard(() => keeper.keep(event));
    const told = inUsersWords(event, names);
    context.options.onEvent(isOneOfTwo ? withVariant(told, variant) : told);
  };
  const params = paramsOf(training, variant);
  try {
    await withNames(names, () => context.engine.call('trainConcept', params, { signal, onEvent }));
  } finally {
    await keeper.finish();
  }
}

/** What messages call the files of a training; of those in its folder the name alone is left. */
function namesOf({ library, job, folder, photos }: LibraryTraining): FileNames {
  const { path, name } = library.models.get(job.request.modelId);
  const concepts = variantsOf(job.request).map(
    (variant) =>
      [conceptFileOf(folder, variant), `The ${variant} training of ${job.token}`] as const,
  );
  return new Map([[path, `"${name}"`], ...concepts, ...photos.names, [`${folder}${sep}`, '']]);
}

function inUsersWords(event: JobEvent, names: FileNames): JobEvent {
  return event.type === 'note' ? { ...event, message: renamed(event.message, names) } : event;
}

function paramsOf(
  { library, job, folder, photos }: LibraryTraining,
  variant: ConceptVariant,
): EngineParams<'trainConcept'> {
  const { request, token, classWord, device, precision, threads } = job;
  const out = conceptFileOf(folder, variant);
  const input: CallInput<'trainConcept'> = {
    ...request.settings,
    ...(variant === 'plain' && { anchors: { kind: 'none' } }),
    ...{ token, classWord, device, precision, threads, out },
    model: library.models.get(request.modelId).path,
    ...{ photos: photos.photos, masks: photos.masks },
    resume: canResume(out),
  };
  const { bothWays: _, ...parsed } = parseInput(api.trainConcept.input, input, 'training');
  return {
    ...parsed,
    variant,
    captionSuffixes: photos.captionSuffixes,
    ...snapshotsOf(request, join(folder, variant)),
  };
}

/** A finished training resumes too: the engine sees that nothing is left to do. */
function canResume(out: string): boolean {
  return existsSync(out) || existsSync(trainingCheckpointOf(out));
}

function snapshotsOf(request: TrainingJob['request'], folder: string) {
  const { previewEvery: steps, previewMinutes: minutes, previewObject: object } = request;
  if (minutes !== undefined) return { snapshots: { every: { minutes }, folder, object } };
  return steps === 0 ? {} : { snapshots: { every: { steps }, folder, object } };
}
