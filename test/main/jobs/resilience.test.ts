import { afterEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { type JobStudio, openJobStudio, smallTraining } from './jobStudio.ts';

// a busy machine takes its time
vi.setConfig({ testTimeout: 240_000 });

const { path } = temporaryFolder();
let studio: JobStudio | undefined;

afterEach(() => studio?.close());

async function begin(name: string, changes: Parameters<typeof smallTraining>[2] = {}) {
  studio = await openJobStudio(path(name));
  const request = await smallTraining(studio.library, path('photos'), changes);
  return { studio, ...(await studio.jobs.startTraining(request, {})) };
}

/** Kills the engine of a job whenever it begins with the photos. @returns how often, once the job has failed */
async function killAtPhotos(studio: JobStudio, jobId: string): Promise<number> {
  let kills = 0;
  for (;;) {
    await studio.heard(({ type }) => type === 'job');
    const { state, progress } = studio.library.jobs.get(jobId);
    if (state === 'failed') return kills;
    const processId = studio.engines.at(-1)?.processId;
    // what is told of a job that begins anew may still be of the engine before
    const isThere = state === 'running' && processId !== undefined;
    if (!isThere || progress?.phase !== 'encoding photos') continue;
    kills++;
    process.kill(processId, 'SIGKILL');
    await studio.heard((event) => event.type === 'job' && event.job.state !== 'running');
    if (studio.library.jobs.get(jobId).state === 'failed') return kills;
  }
}

test('an engine that ends at the same place time and again fails the job; resumed, it goes on', async () => {
  const { studio, jobId } = await begin('stubborn');
  const kills = await killAtPhotos(studio, jobId);
  // three without progress; before, a photo more may have been encoded
  expect(kills).toBeGreaterThanOrEqual(3);
  expect(kills).toBeLessThanOrEqual(9);
  const failed = studio.library.jobs.get(jobId);
  expect(failed.error?.message).toMatch(/ended several times at the same place \(SIGKILL\)/);
  expect(failed.error?.advice).toMatch(/smaller pictures.*Resume/);
  expect(failed.notes).toEqual([{ level: 'warning', message: expect.stringMatching(/SIGKILL/) }]);
  await studio.jobs.resumeJob({ id: jobId }, {});
  expect(await studio.until(jobId, 'done', 'failed')).toMatchObject({ state: 'done' });
});

test('a training that is running when the program ends goes on by itself at the next start', async () => {
  const { studio: first, jobId, conceptId } = await begin('restarted');
  await first.heard((event) => event.type === 'trainingStep' && event.step === 3);
  await first.close();
  studio = await openJobStudio(path('restarted'), { start: false });
  expect(studio.library.jobs.get(jobId)).toMatchObject({ state: 'interrupted' });
  await studio.jobs.start();
  expect(await studio.until(jobId, 'done', 'failed')).toMatchObject({ state: 'done' });
  const steps = studio.events.filter((event) => event.type === 'trainingStep');
  expect(steps[0].step).toBeGreaterThan(3);
  const [version] = studio.library.concepts.detail(conceptId).versionList;
  expect(version.history?.step).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a training that diverges fails with what to do, and a step before can be kept', async () => {
  const schedule = 'constant_with_warmup' as const;
  const method = 'dreambooth' as const;
  const wild = { method, steps: 20, learningRate: 1, schedule, warmupSteps: 10 };
  const { studio, jobId } = await begin('wild', { previewEvery: 1, settings: wild });
  const failed = await studio.until(jobId, 'failed', 'done');
  expect(failed.error?.message).toMatch(/diverged in step \d+/);
  expect(failed.error?.advice).toMatch(/lower learning rate/);
  const { runs } = await studio.jobs.getTraining({ id: jobId }, {});
  const step = runs[0].previews.findLast((preview) => preview.step > 0)?.step ?? 0;
  const kept = await studio.jobs.stopAndKeep({ id: jobId, step }, {});
  expect(kept).toMatchObject({ steps: step });
  expect(step).toBeGreaterThan(0);
});

test('a paused job stays paused over a restart', async () => {
  const { studio: first, jobId } = await begin('sleeping');
  await first.jobs.pauseJob({ id: jobId }, {});
  await first.close();
  studio = await openJobStudio(path('sleeping'));
  expect(studio.library.jobs.get(jobId)).toMatchObject({ state: 'paused' });
  await studio.jobs.resumeJob({ id: jobId }, {});
  expect(await studio.until(jobId, 'done', 'failed')).toMatchObject({ state: 'done' });
});
