import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StudioInput } from '../../../src-shared/studioApi.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { openTestStudio, type TestStudio, toyboxId } from '../../support/testStudio.ts';

const { path } = temporaryFolder();
let studio: TestStudio;
let modelId: string;
beforeAll(async () => {
  studio = await openTestStudio(path('library'));
  modelId = await toyboxId(studio);
});
afterAll(() => studio.close());

async function request(
  changes: Partial<StudioInput<'startTraining'>> = {},
): Promise<StudioInput<'startTraining'>> {
  const { samples } = await studio.call('listSamples', {});
  const { token, classWord, photos } = samples[0];
  return {
    concept: { name: 'Minka', token, classWord },
    modelId,
    photos: photos
      .slice(0, 2)
      .map((photo) => ({ ...photo, crop: { left: 0, top: 0, side: photo.width } })),
    settings: { steps: 6, batch: 1, seed: 3 },
    previewEvery: 0,
    ...changes,
  };
}

test('a concept is trained both ways while a picture is composed, then compared and mapped', async () => {
  const { conceptId, jobId } = await studio.call('startTraining', await request());
  await studio.until(jobId, 'running');
  const settings = { modelId, prompt: 'a ball', sampler: 'dpmpp2m', steps: 1 } as const;
  const meanwhile = await studio.call('composePreview', { settings });
  expect(meanwhile.picture).toBeTruthy();
  expect((await studio.call('getJob', { id: jobId })).state).toBe('running');

  expect(await studio.until(jobId, 'done', 'failed')).toMatchObject({ state: 'done' });
  const { runs } = await studio.call('getTraining', { id: jobId });
  expect(runs.map(({ variant }) => variant)).toEqual(['plain', 'semantic']);
  for (const { history } of runs) expect(history.step).toEqual([1, 2, 3, 4, 5, 6]);
  const { versionList } = await studio.call('getConcept', { id: conceptId });
  expect(versionList.map(({ variant }) => variant)).toEqual(['semantic', 'plain']);

  const [semantic, plain] = versionList;
  const versionIds = [plain.id, semantic.id];
  const map = await studio.call('embeddingMap', { modelId, versionIds });
  for (const { points } of map.paths) expect(points.at(-1)?.step).toBe(6);

  const concepts = [{ versionId: semantic.id, token: '<minka>' }];
  const prompt = 'a <minka> cat and a ball';
  const { ways } = await studio.call('compare', {
    settings: { ...settings, prompt, concepts, layout: { objects: [ball] } },
    ways: ['plain', 'semantic'],
  });
  expect(ways.map(({ picture }) => picture.settings.concepts[0].versionId)).toEqual(versionIds);
  // its own photos are there to be compared with
  expect(ways[0].picture.evaluation?.imageAlignment).toEqual(expect.any(Number));
  expect(ways[0].picture.drifts[0].drift?.percentile).toEqual(expect.any(Number));
}, 180_000);

const ball = { phrase: 'ball', boxes: [[0.5, 0, 1, 1]] };

test('a training is queued, paused, taken up and cancelled', async () => {
  const again = await request({ settings: { steps: 500, batch: 1 } });
  const { conceptId, jobId: id } = await studio.call('startTraining', {
    ...again,
    concept: { name: 'Other', token: '<other>', classWord: 'cat' },
  });
  await studio.until(id, 'running');
  expect(await studio.call('pauseJob', { id })).toMatchObject({ state: 'paused' });
  await studio.call('resumeJob', { id });
  await studio.until(id, 'running');
  expect(await studio.call('cancelJob', { id })).toMatchObject({ state: 'cancelled' });
  const { jobs } = await studio.call('listJobs', {});
  expect(jobs).toEqual([]);
  expect(await studio.call('getConcept', { id: conceptId })).toMatchObject({ versions: 0 });
  expect(studio.events.some(({ type }) => type === 'trainingStep')).toBe(true);
}, 180_000);

test('a token that is taken is refused before anything is queued', async () => {
  await expect(studio.call('startTraining', await request())).rejects.toThrow(
    /The token "<minka>" belongs to "Minka" already/,
  );
});
