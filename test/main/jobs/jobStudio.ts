import { join } from 'node:path';
import { createEngine, type Engine } from '../../../src-main/engine/host.ts';
import { importPhotoFile } from '../../../src-main/jobs/importPhoto.ts';
import { createStudioJobs, type StudioJobs } from '../../../src-main/jobs/studioJobs.ts';
import { type Library, openLibrary } from '../../../src-main/library/library.ts';
import type { JobState, JobStatus } from '../../../src-shared/jobRecord.ts';
import { parseInput } from '../../../src-shared/parseInput.ts';
import { type StudioInput, studioApi } from '../../../src-shared/studioApi.ts';
import type { StudioEvent } from '../../../src-shared/studioEvent.ts';
import { drawPhotos } from '../../support/drawPhotos.ts';
import { committedGolden } from '../../support/runCli.ts';
import { testSettings } from '../../support/testSettings.ts';

/** A library with a queue, as the studio has it, and what its windows heard. */
export interface JobStudio {
  readonly library: Library;
  readonly jobs: StudioJobs;
  readonly events: StudioEvent[];
  /** Engines of jobs and measurements, as they were made. */
  readonly engines: Engine[];
  /** When the job is in one of these states. */
  until(id: string, ...states: JobState[]): Promise<JobStatus>;
  /** When an event fits that was not there yet. */
  heard(fits: (event: StudioEvent) => boolean): Promise<void>;
  close(): Promise<void>;
}

export interface JobStudioOptions {
  readonly patience?: number;
  readonly start?: boolean;
}

export async function openJobStudio(
  folder: string,
  { patience, start = true }: JobStudioOptions = {},
): Promise<JobStudio> {
  const library = openLibrary(folder);
  library.settings.change(testSettings);
  const events: StudioEvent[] = [];
  const listeners = new Set<(event: StudioEvent) => void>();
  const engines: Engine[] = [];
  const engine = createEngine();
  const jobs = createStudioJobs({
    ...{ library, engine, patience },
    createEngine: () => {
      const made = createEngine();
      engines.push(made);
      return made;
    },
    emit: (event) => {
      events.push(event);
      for (const listener of listeners) listener(event);
    },
  });
  if (start) await jobs.start();
  const heard = (fits: (event: StudioEvent) => boolean) =>
    new Promise<void>((done) => {
      const listener = (event: StudioEvent) => {
        if (!fits(event)) return;
        listeners.delete(listener);
        done();
      };
      listeners.add(listener);
    });
  return {
    ...{ library, jobs, events, engines, heard },
    until: async (id, ...states) => {
      const isThere = () => states.includes(library.jobs.get(id).state);
      while (!isThere()) await heard(({ type }) => type === 'job');
      return library.jobs.get(id);
    },
    close: async () => {
      await jobs.close();
      await engine.close();
      library.close();
    },
  };
}

/** A model of the library: the tiny one of the reference files. */
export function addTinyModel({ models }: Library): string {
  const path = committedGolden('tiny-sd1');
  const inspection = {
    ...{ family: 'sd1' as const, bytes: 1, parameters: 1, dtypes: {}, details: [], judged: false },
  };
  const fingerprint = { bytes: 1, modifiedAt: 0 };
  const known = { name: 'tiny', path, kind: 'folder', builtIn: false, fingerprint, inspection };
  return models.add(known).id;
}

/** A training that takes a second or two. */
export async function smallTraining(
  library: Library,
  folder: string,
  changes: { settings?: object } & Partial<StudioInput<'startTraining'>> = {},
) {
  await drawPhotos(folder, 2);
  const names = ['photo-1.jpg', 'photo-2.jpg'];
  const photos = await Promise.all(
    names.map(async (name) => {
      const { photo, suggestedCrop } = await importPhotoFile(library.blobs, join(folder, name));
      return { ...photo, crop: suggestedCrop };
    }),
  );
  const { settings, ...rest } = changes;
  const request = {
    concept: { name: 'My cat', token: '<my-cat>', classWord: 'cat' },
    ...{ modelId: addTinyModel(library), photos, bothWays: false, previewEvery: 0 },
    settings: {
      ...{ vectors: 1, batch: 1, accumulate: 1, steps: 8, seed: 3, checkpointEvery: 2 },
      ...{ size: { width: 64, height: 64 }, ...settings },
    },
    ...rest,
  };
  return parseInput(studioApi.startTraining.input, request, 'test');
}
