import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobOptions } from '../../src-shared/job.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import type { StudioCallName, StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import type { StudioEvent } from '../../src-shared/studioEvent.ts';
import type { Engine } from '../engine/host.ts';
import type { Library } from '../library/library.ts';
import { estimateTraining } from './estimateTraining.ts';
import { createJobRunner } from './jobRunner.ts';
import { stopAndKeep } from './keepStep.ts';
import { startTraining } from './startTraining.ts';
import { testDevice, testDeviceWork } from './testDevice.ts';
import { trainingJob } from './trainingJob.ts';
import { trainingFolderOf, trainLibraryConcept } from './trainLibraryConcept.ts';

export interface StudioJobsOptions {
  readonly library: Library;
  /** Answers short questions; trainings have engines of their own. */
  readonly engine: Engine;
  readonly emit: (event: StudioEvent) => void;
  /** A new engine, for the jobs of one device and for measurements. */
  readonly createEngine?: () => Engine;
  /** How often an engine may end without any progress before its job fails. */
  readonly patience?: number;
}

type Answers<Name extends StudioCallName> = (
  request: StudioRequest<Name>,
  options: JobOptions,
) => Promise<StudioOutput<Name>>;

/** The calls of the contract that are about long work. */
export interface StudioJobs {
  readonly startTraining: Answers<'startTraining'>;
  readonly estimateTraining: Answers<'estimateTraining'>;
  readonly getTraining: Answers<'getTraining'>;
  readonly stopAndKeep: Answers<'stopAndKeep'>;
  readonly testDevice: Answers<'testDevice'>;
  readonly listJobs: Answers<'listJobs'>;
  readonly getJob: Answers<'getJob'>;
  readonly pauseJob: Answers<'pauseJob'>;
  readonly resumeJob: Answers<'resumeJob'>;
  readonly cancelJob: Answers<'cancelJob'>;
  readonly prioritiseJob: Answers<'prioritiseJob'>;
  /** Goes on with what a former run of the program left. Until then everything waits in the queue. */
  start(): Promise<void>;
  /** Stops what runs within a few seconds; it goes on at the next start. */
  close(): Promise<void>;
}

/** The queue of a library and what the window can ask of it. */
export function createStudioJobs(options: StudioJobsOptions): StudioJobs {
  const { library, engine, emit, createEngine, patience } = options;
  const { jobs } = library;
  const work = {
    train: trainLibraryConcept(library, emit),
    selfTest: testDeviceWork(library, emit),
  };
  const runner = createJobRunner({ store: jobs, work, emit, createEngine, patience });
  const desk = { library, runner, engine, createEngine };
  const changed = () => emit({ type: 'changed', what: 'concepts' });
  return {
    startTraining: async (request) => {
      const started = await startTraining(desk, request);
      changed();
      return started;
    },
    estimateTraining: (request, how) => estimateTraining(desk, request, how),
    getTraining: async ({ id }) => describeTraining(library, id),
    stopAndKeep: async (request) => {
      const version = await stopAndKeep(desk, request);
      changed();
      return version;
    },
    testDevice: (request) => testDevice(desk, request),
    listJobs: async (query) => ({ jobs: jobs.list(query) }),
    getJob: async ({ id }) => jobs.get(id),
    pauseJob: ({ id }) => runner.pause(id),
    resumeJob: async ({ id }) => runner.resume(id),
    cancelJob: async ({ id }) => {
      const job = await runner.cancel(id);
      if (job.state === 'cancelled') await discard(library, job);
      changed();
      return job;
    },
    prioritiseJob: async ({ id, priority }) => runner.prioritise(id, priority),
    start: async () => {
      await sweep(library);
      runner.start();
    },
    close: () => runner.close(),
  };
}

function describeTraining({ jobs }: Library, id: string): StudioOutput<'getTraining'> {
  const job = jobs.get(id);
  const { request } = parseInput(trainingJob, jobs.request(id), job.title);
  return { job, request, runs: jobs.runs(id) };
}

/** A cancelled training leaves no files; a concept that never was trained goes to the trash, where it can be had back. */
async function discard(library: Library, { id, conceptId }: JobStatus): Promise<void> {
  await rm(trainingFolderOf(library, id), { recursive: true, force: true });
  if (conceptId === undefined) return;
  const concept = library.concepts.summary(conceptId);
  const isNeeded = concept.versions > 0 || concept.jobId !== undefined;
  if (!isNeeded && concept.trashedAt === undefined) library.concepts.trash([conceptId]);
}

/** Removes folders of trainings that have ended: the program may have ended before it could. */
async function sweep(library: Library): Promise<void> {
  const needed = new Set(
    library.jobs
      .list({ ended: true })
      .filter(({ state }) => state !== 'done' && state !== 'cancelled')
      .map(({ id }) => id),
  );
  const folders = await readdir(library.trainings).catch(() => []);
  for (const name of folders.filter((folder) => !needed.has(folder))) {
    await rm(join(library.trainings, name), { recursive: true, force: true });
  }
}
