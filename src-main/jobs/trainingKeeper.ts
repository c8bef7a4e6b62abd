import { randomUUID } from 'node:crypto';
import { copyFile, link, readFile } from 'node:fs/promises';
import type { ConceptVariant } from '../../src-shared/concept.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import type { JobEvent, JobProgress, TrainingSnapshot } from '../../src-shared/job.ts';
import type { StudioEvent } from '../../src-shared/studioEvent.ts';
import type { BlobStore } from '../library/blobs.ts';
import type { Library } from '../library/library.ts';

/** Keeps what a training shows on its way, and tells the windows. */
export interface TrainingKeeper {
  /** @throws InputError where the library cannot be written to */
  keep(event: JobEvent): void;
  /** When all is kept. @throws as {@link keep}, for what takes longer */
  finish(): Promise<void>;
}

/** What is kept already is not kept twice: a training that goes on tells its earlier snapshots again. */
export function createTrainingKeeper(
  { blobs, jobs }: Library,
  jobId: string,
  variant: ConceptVariant,
  emit: (event: StudioEvent) => void,
): TrainingKeeper {
  const before = jobs.runs(jobId).find((run) => run.variant === variant);
  const known = new Set(before?.previews.map(({ step }) => step));
  const secondsBefore = before?.history.figures.seconds?.at(-1) ?? 0;
  const start = performance.now();
  let pending = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;

  const keepStep = ({ phase, step, values }: JobProgress) => {
    if (phase !== 'training' || values === undefined) return;
    const seconds = secondsBefore + (performance.now() - start) / 1000;
    const figures = { ...values, seconds: Math.round(seconds * 10) / 10 };
    jobs.recordSteps(jobId, variant, [{ step, figures }]);
    emit({ type: 'trainingStep', jobId, variant, step, figures });
  };
  const keepSnapshot = async (snapshot: TrainingSnapshot) => {
    const { step, rows } = snapshot;
    if (known.has(step)) return;
    const preview = { step, ...(await keepFiles(blobs, snapshot)) };
    if (rows) jobs.recordPath(jobId, variant, [{ step, rows }]);
    jobs.recordPreview(jobId, variant, preview);
    known.add(step);
    emit({ type: 'trainingPreview', jobId, variant, preview });
  };
  return {
    keep: (event) => {
      if (failure) throw failure.error;
      if (event.type === 'progress') keepStep(event);
      if (event.type === 'anchors') jobs.recordAnchors(jobId, variant, event.anchors);
      if (event.type === 'snapshot') {
        pending = pending
          .then(() => keepSnapshot(event))
          .catch((error: unknown) => {
            failure ??= { error };
          });
      }
    },
    finish: async () => {
      await pending;
      if (failure) throw failure.error;
    },
  };
}

async function keepFiles(blobs: BlobStore, { concept, ...pictures }: TrainingSnapshot) {
  const [plain, composition] = await Promise.all(
    [pictures.plain, pictures.composition].map(async (path) => blobs.put(await readFile(path))),
  );
  return { plain, composition, ...(concept && { concept: await keepCopy(blobs, concept) }) };
}

/**
 * Keeps a file that must stay where it is, because the engine looks for it when it goes on. Where the disk can, both are
 * one file under two names.
 */
export async function keepCopy(blobs: BlobStore, path: string): Promise<BlobHash> {
  const second = `${path}.${randomUUID()}.kept`;
  await link(path, second).catch(() => copyFile(path, second));
  return (await blobs.putFile(second)).hash;
}
