import packageJson from '../../package.json' with { type: 'json' };
import type { ConceptDescription, ConceptVariant } from '../../src-shared/concept.ts';
import type { ConceptVersion } from '../../src-shared/conceptRecord.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import type { Engine } from '../engine/host.ts';
import type { NewVersion } from '../library/conceptVersions.ts';
import type { TrainingRun } from '../library/jobStore.ts';
import type { Library } from '../library/library.ts';
import { thinHistory } from './trainingHistory.ts';
import { type TrainingJob, variantsOf } from './trainingJob.ts';
import { keepCopy } from './trainingKeeper.ts';

/** Most steps of a version's history: more than a chart has pixels. */
const mostSteps = 2000;

/** The job's row and an engine that reads concept files. */
interface Owner {
  readonly job: JobStatus;
  readonly engine: Engine;
}

/** Adds the finished trainings of a job to its concept. Files go first: a crash leaves at most one that nobody needs. */
export async function commitTraining(
  library: Library,
  owner: Owner,
  training: TrainingJob,
  fileOf: (variant: ConceptVariant) => string,
): Promise<void> {
  for (const variant of variantsOf(training.request)) {
    const file = await keepCopy(library.blobs, fileOf(variant));
    await addVersion(library, owner, training, { variant, file });
  }
}

interface Trained {
  readonly variant: ConceptVariant;
  readonly file: BlobHash;
}

/** Adds one version; one that was added before a crash is found again. */
export async function addVersion(
  library: Library,
  { job, engine }: Owner,
  training: TrainingJob,
  trained: Trained,
): Promise<ConceptVersion> {
  const { conceptId } = job;
  if (conceptId === undefined) throw new Error(`internal: ${job.title} has no concept`);
  const version =
    addedBefore(library, job, conceptId, trained) ??
    library.concepts.addVersion(
      conceptId,
      await describeVersion(library, { job, engine }, training, trained),
    );
  library.jobs.recordVersion(job.id, trained.variant, version.id);
  return version;
}

function addedBefore(
  { concepts }: Library,
  { createdAt }: JobStatus,
  conceptId: string,
  { variant, file }: Trained,
): ConceptVersion | undefined {
  return concepts
    .detail(conceptId)
    .versionList.find(
      (version) =>
        version.file === file && version.variant === variant && version.createdAt >= createdAt,
    );
}

async function describeVersion(
  library: Library,
  { job, engine }: Owner,
  { request }: TrainingJob,
  { variant, file }: Trained,
): Promise<NewVersion> {
  const description = await engine.call('describeConcept', { path: library.blobs.path(file) });
  const run = library.jobs.runs(job.id).find((each) => each.variant === variant);
  const { settings, photos, modelId, parentId, previewObject } = request;
  const { steps: last = Number.POSITIVE_INFINITY } = description;
  const previews = (run?.previews ?? []).filter(({ step }) => step <= last);
  const history = run && historyUntil(run, last);
  return {
    ...{ parentId, variant, file, modelId, photos, previews, history },
    ...(previews.length > 0 && { previewObject }),
    seconds: history?.figures.seconds?.at(-1) ?? undefined,
    modelName: library.models.get(modelId).name,
    settings: variant === 'plain' ? { ...settings, anchors: { kind: 'none' } } : settings,
    ...descriptionFields(description),
    cover: previews.at(-1)?.plain ?? photos[0].thumbnail,
    path: library.jobs.path(job.id, variant).filter(({ step }) => step <= last),
  };
}

function descriptionFields(description: ConceptDescription) {
  const { engineVersion = packageJson.version, method, family, vectors } = description;
  const { steps, loss, drift, anchors } = description;
  return { engineVersion, method, family, vectors, steps, loss, drift, anchors };
}

function historyUntil({ history }: TrainingRun, last: number) {
  const count = history.step.filter((step) => step <= last).length;
  const figures = Object.entries(history.figures).map(
    ([name, values]) => [name, values.slice(0, count)] as const,
  );
  const until = { step: history.step.slice(0, count), figures: Object.fromEntries(figures) };
  return thinHistory(until, mostSteps);
}
