import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readConcept } from '../../../src-main/engine/concepts/conceptFile.ts';
import { readBuiltIns } from '../../../src-main/jobs/builtIns.ts';
import { importPhotoFile } from '../../../src-main/jobs/importPhoto.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { studioApi } from '../../../src-shared/studioApi.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { type JobStudio, openJobStudio, smallTraining } from './jobStudio.ts';

// a busy machine takes its time
vi.setConfig({ testTimeout: 240_000 });

const { path } = temporaryFolder();
let studio: JobStudio;

beforeAll(async () => {
  studio = await openJobStudio(path('library'));
});
afterAll(() => studio.close());

let counter = 0;

/** A request for a concept of its own. */
function training(changes: Parameters<typeof smallTraining>[2] = {}) {
  const token = `<cat-${++counter}>`;
  const concept = { name: `Cat ${counter}`, token, classWord: 'cat' };
  return smallTraining(studio.library, path('photos'), { concept, ...changes });
}

test('a training becomes a concept with both versions and all that made them', async () => {
  const { jobs, library, events } = studio;
  const request = await training({ bothWays: true, previewEvery: 4, previewObject: 'apple' });
  const { jobId, conceptId } = await jobs.startTraining(request, {});
  const job = await studio.until(jobId, 'done', 'failed');
  expect(job).toMatchObject({ state: 'done', kind: 'train', conceptId, device: 'cpu' });

  const detail = library.concepts.detail(conceptId);
  const [semantic, plain] = detail.versionList;
  expect([semantic.variant, plain.variant]).toEqual(['semantic', 'plain']);
  expect(semantic).toMatchObject({
    ...{ number: 2, method: 'textual-inversion', modelName: 'tiny', family: 'sd1', steps: 8 },
    ...{ vectors: 1, settings: request.settings, engineVersion: expect.stringMatching(/^\d/) },
    ...{ photos: request.photos, cover: semantic.previews.at(-1)?.plain, previewObject: 'apple' },
  });
  expect(plain.settings?.anchors).toEqual({ kind: 'none' });
  expect(plain.anchors).toEqual([]);
  expect(semantic.anchors[0].word).toBe('cat');
  for (const { history, previews, drift, file, id, seconds } of [plain, semantic]) {
    const [first, ...later] = history!.figures.seconds as number[];
    expect(first).toBeGreaterThan(0);
    expect(later.toSorted((a, b) => a - b)).toEqual(later);
    expect(seconds).toBe(later.at(-1));
    expect(history?.step).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(history?.figures.loss.every(Number.isFinite)).toBe(true);
    expect(history?.figures.drift.at(-1)).toBe(drift?.percentile);
    expect(previews.map(({ step }) => step)).toEqual([0, 4, 8]);
    const { rows, description } = readConcept(library.blobs.path(file));
    expect(description.steps).toBe(8);
    const points = library.concepts.path(id);
    expect(points.map(({ step }) => step)).toEqual([0, 4, 8]);
    expect(points[2].rows).toEqual(rows);
  }
  expect(existsSync(`${library.trainings}/${jobId}`)).toBe(false);

  const shown = studioApi.getTraining.output.parse(await jobs.getTraining({ id: jobId }, {}));
  expect(shown.runs.map(({ variant }) => variant)).toEqual(['plain', 'semantic']);
  expect(shown.runs[1]).toMatchObject({ versionId: semantic.id, previews: semantic.previews });
  expect(shown.request).toEqual(request);
  const steps = events.filter((event) => event.type === 'trainingStep');
  expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(events.filter(({ type }) => type === 'trainingPreview')).toHaveLength(6);
  expect(events).toContainEqual({ type: 'changed', what: 'concepts' });
});

test('a paused training goes on to the bytes of one that was not', async () => {
  const { jobs, library } = studio;
  const whole = await jobs.startTraining(await training(), {});
  await studio.until(whole.jobId, 'done', 'failed');
  // the token is part of the file: the same one again, once it is free
  const concept = library.concepts.summary(whole.conceptId);
  const [{ file }] = library.concepts.detail(whole.conceptId).versionList;
  library.concepts.trash([whole.conceptId]);

  const { name, token, classWord } = concept;
  const again = await training({ concept: { name, token, classWord } });
  const { jobId, conceptId } = await jobs.startTraining(again, {});
  await studio.heard((event) => event.type === 'trainingStep' && event.step === 3);
  const paused = await jobs.pauseJob({ id: jobId }, {});
  expect(paused).toMatchObject({ state: 'paused', progress: { phase: 'training', total: 8 } });
  expect(await jobs.pauseJob({ id: jobId }, {})).toMatchObject({ state: 'paused' });
  expect(readdirSync(`${library.trainings}/${jobId}`)).toContain('semantic.training.safetensors');
  expect(paused.notes).toEqual([]);
  await jobs.resumeJob({ id: jobId }, {});
  await studio.until(jobId, 'done', 'failed');
  expect(library.concepts.detail(conceptId).versionList[0].file).toBe(file);
});

test('notes and errors name files as the user knows them', async () => {
  const { jobs, library } = studio;
  const request = await training({ bothWays: true, settings: { steps: 20 } });
  const { jobId } = await jobs.startTraining(request, {});
  await studio.heard((event) => event.type === 'trainingStep' && event.variant === 'semantic');
  await jobs.pauseJob({ id: jobId }, {});
  const broken = `${library.trainings}/${jobId}/semantic.training.safetensors`;
  writeFileSync(broken, 'no checkpoint');
  await jobs.resumeJob({ id: jobId }, {});
  const { notes, error } = await studio.until(jobId, 'done', 'failed');
  expect(notes).toContainEqual({
    level: 'info',
    message: `The plain training of <cat-${counter}> is finished already`,
  });
  expect(error?.message).toMatch(/^semantic\.training\.safetensors: /);
});

test('cancelling ends within a step and leaves nothing behind', async () => {
  const { jobs, library } = studio;
  const endless = await training({ settings: { steps: 100_000 } });
  const { jobId, conceptId } = await jobs.startTraining(endless, {});
  await studio.heard((event) => event.type === 'trainingStep' && event.step === 2);
  const before = studio.events.filter(({ type }) => type === 'trainingStep').length;
  expect(await jobs.cancelJob({ id: jobId }, {})).toMatchObject({ state: 'cancelled' });
  const after = studio.events.filter(({ type }) => type === 'trainingStep').length;
  expect(after - before).toBeLessThanOrEqual(1);
  expect(existsSync(`${library.trainings}/${jobId}`)).toBe(false);
  expect(library.concepts.summary(conceptId).trashedAt).toBeGreaterThan(0);
  await expect(jobs.resumeJob({ id: jobId }, {})).rejects.toThrow(/cannot be resumed: .*start it/);
  await expect(jobs.cancelJob({ id: jobId }, {})).rejects.toThrow(InputError);
});

test('one job at a time, the most urgent first, among equals the oldest', async () => {
  const { jobs } = studio;
  const short = async () =>
    (await jobs.startTraining(await training({ settings: { steps: 1 } }), {})).jobId;
  const started = [await short(), await short(), await short(), await short()];
  await jobs.prioritiseJob({ id: started[3], priority: 10 }, {});
  await jobs.prioritiseJob({ id: started[1], priority: -10 }, {});
  const listed = await jobs.listJobs({ ended: false }, {});
  expect(listed.jobs.map(({ id }) => started.indexOf(id))).toEqual([0, 3, 2, 1]);
  for (const id of started) await studio.until(id, 'done', 'failed');
  const states = studio.events.flatMap((event) => (event.type === 'job' ? [event.job] : []));
  const order = [...new Set(states.filter(({ state }) => state === 'running').map(({ id }) => id))];
  expect(order.slice(-4)).toEqual([0, 3, 2, 1].map((index) => started[index]));
  const running = new Set<string>();
  for (const { id, state } of states) {
    if (state === 'running') running.add(id);
    else running.delete(id);
    expect(running.size).toBeLessThanOrEqual(1);
  }
});

test('a step can be kept: of the training under way, and the plain twin of the same step', async () => {
  const { jobs, library } = studio;
  const changes = { bothWays: true, previewEvery: 2, settings: { steps: 14 } };
  const { jobId, conceptId } = await jobs.startTraining(await training(changes), {});
  await expect(jobs.stopAndKeep({ id: jobId, step: 4 }, {})).rejects.toThrow(
    /has no concept of step 4/,
  );
  await studio.heard(
    (event) =>
      event.type === 'trainingPreview' && event.variant === 'semantic' && event.preview.step === 6,
  );
  const kept = await jobs.stopAndKeep({ id: jobId, step: 4 }, {});
  expect(kept).toMatchObject({ variant: 'semantic', steps: 4, history: { step: [1, 2, 3, 4] } });
  expect(kept.seconds).toBe(kept.history?.figures.seconds[3]);
  expect(kept.previews.map(({ step }) => step)).toEqual([0, 2, 4]);
  expect(kept.file).toBe(kept.previews[2].concept);
  const { versionList } = library.concepts.detail(conceptId);
  expect(versionList.map(({ variant, steps }) => [variant, steps])).toEqual([
    ['semantic', 4],
    ['plain', 4],
  ]);
  expect(library.jobs.get(jobId).state).toBe('done');
  expect(existsSync(`${library.trainings}/${jobId}`)).toBe(false);
});

describe('refused before anything is queued', () => {
  test.each<[string, () => ReturnType<typeof training>, RegExp]>([
    [
      'a token that a concept has',
      () => {
        const concept = { name: 'First', token: '<taken>', classWord: 'cat' };
        studio.library.concepts.create(concept);
        return training({ concept: { ...concept, name: 'Second' } });
      },
      /"<taken>" belongs to "First" already/,
    ],
    [
      'a token that is a word',
      () => training({ concept: { name: 'Other', token: 'dog', classWord: 'cat' } }),
      /token "dog" exists already/,
    ],
    [
      'a size between cells',
      () => training({ settings: { size: { width: 60, height: 60 } } }),
      /size 60x60: expected multiples of 8/,
    ],
    [
      'anchors that are no words',
      () => training({ settings: { anchors: { kind: 'words', words: ['\u0000'] } } }),
      /anchor/,
    ],
    ['too many vectors', () => training({ settings: { vectors: 76 } }), /vectors 76/],
    [
      'a model that is not there',
      async () => ({ ...(await training()), modelId: crypto.randomUUID() }),
      /model/i,
    ],
    [
      'a square that reaches out of its photo',
      async () => {
        const request = await training();
        const [photo] = request.photos;
        return { ...request, photos: [{ ...photo, crop: { left: 100, top: 0, side: 100 } }] };
      },
      /square of photo-1\.jpg reaches out of the photo \(160 x 120/,
    ],
  ])('%s', async (_, make, message) => {
    const { jobs, library } = studio;
    const request = await make();
    const before = [library.jobs.list({ ended: true }).length, library.figures()] as const;
    const figures = await before[1];
    const refused = jobs.startTraining(request, {});
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(message);
    expect(library.jobs.list({ ended: true })).toHaveLength(before[0]);
    expect((await library.figures()).concepts).toBe(figures.concepts);
  });
});

test('masks, squares and words about a photo reach the training', async () => {
  const { jobs, library } = studio;
  const train = async (request: Awaited<ReturnType<typeof training>>) => {
    const { jobId, conceptId } = await jobs.startTraining(request, {});
    expect(await studio.until(jobId, 'done', 'failed')).toMatchObject({ state: 'done' });
    library.concepts.trash([conceptId]);
    return library.concepts.detail(conceptId).versionList[0];
  };
  const request = await training({ settings: { steps: 2 } });
  const [first, second] = request.photos;
  const disc = `<circle cx="40" cy="50" r="30" fill="#fff"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120">${disc}</svg>`;
  const mask = await sharp(Buffer.from(svg)).flatten({ background: '#000' }).png().toBuffer();
  const changes = [
    { mask: await library.blobs.put(mask) },
    { captionSuffix: 'on a red sofa' },
    { crop: { left: 10, top: 10, side: 80 } },
  ];
  const files = [(await train(request)).file];
  for (const change of changes) {
    const photos = [{ ...first, ...change }, second];
    const version = await train({ ...request, photos });
    expect(version.photos).toEqual(photos);
    files.push(version.file);
  }
  expect(new Set(files).size).toBe(4);
});

test("the built-in model trains a sample's photos", async () => {
  const { jobs, library } = studio;
  const { model: toybox, samples } = await readBuiltIns();
  const sample = samples.find(({ name }) => name === 'minka')!;
  const files = readdirSync(sample.photos).slice(0, 2);
  const photos = await Promise.all(
    files.map(async (name) => {
      const { photo, suggestedCrop } = await importPhotoFile(
        library.blobs,
        join(sample.photos, name),
      );
      return { ...photo, crop: suggestedCrop, captionSuffix: '' };
    }),
  );
  const { token, classWord } = sample;
  const request = await training({
    concept: { name: sample.name, token, classWord },
    settings: { steps: 3, size: undefined },
  });
  const tiny = library.models.get(request.modelId);
  const { id: modelId } = library.models.add({ ...tiny, name: 'Toybox', path: toybox });
  const { jobId, conceptId } = await jobs.startTraining({ ...request, modelId, photos }, {});
  expect(await studio.until(jobId, 'done', 'failed')).toMatchObject({ state: 'done' });
  const [version] = library.concepts.detail(conceptId).versionList;
  expect(version).toMatchObject({ modelName: 'Toybox', steps: 3, cover: photos[0].thumbnail });
});

test('a time estimate is measured once, then remembered', async () => {
  const { jobs } = studio;
  const { modelId, settings } = await training({ settings: { steps: 1000 } });
  const first = await jobs.estimateTraining({ modelId, settings, photos: 2 }, {});
  expect(studioApi.estimateTraining.output.parse(first)).toEqual(first);
  expect(first.secondsPerStep).toBeGreaterThan(0);
  expect(first.seconds).toBeCloseTo(1000 * first.secondsPerStep);
  expect(first.memory).toBeGreaterThan(30_000_000);
  const engines = studio.engines.length;
  const second = await jobs.estimateTraining(
    { modelId, settings: { ...settings, steps: 10 }, photos: 2 },
    {},
  );
  expect(second).toEqual({ ...first, seconds: 10 * first.secondsPerStep });
  expect(studio.engines.length).toBe(engines);
  const wrong = { ...settings, size: { width: 60, height: 60 } };
  const refused = studioApi.estimateTraining.input.parse({ modelId, settings: wrong, photos: 2 });
  await expect(jobs.estimateTraining(refused, {})).rejects.toThrow(/size 60x60/);
});

test('a device is tested on the built-in model, and the outcome remembered', async () => {
  const { jobs, library, events } = studio;
  const { jobId } = await jobs.testDevice({ device: 'cpu' }, {});
  expect(await studio.until(jobId, 'done', 'failed')).toMatchObject({ state: 'done' });
  expect(library.devices.selfTest('cpu')).toMatchObject({ passed: true, error: 0 });
  expect(library.devices.selfTest('cpu')?.stepsPerSecond).toBeGreaterThan(0);
  expect(events).toContainEqual({ type: 'changed', what: 'devices' });
  const other = await jobs.testDevice({ device: 'dml' }, {});
  const failed = await studio.until(other.jobId, 'done', 'failed');
  expect(failed.error?.message).toMatch(/device "dml" cannot be used/);
  expect(library.devices.selfTest('dml')).toMatchObject({ passed: false });
});

test('a blob that went missing fails the job with what to do, and loses nothing', async () => {
  const { jobs, library } = studio;
  await jobs.testDevice({ device: 'cpu' }, {});
  const { jobId } = await jobs.startTraining(await training(), {});
  const { photos } = studioApi.startTraining.input.parse(
    (await jobs.getTraining({ id: jobId }, {})).request,
  );
  const file = library.blobs.path(photos[0].blob);
  const bytes = readFileSync(file);
  rmSync(file);
  const failed = await studio.until(jobId, 'failed', 'done');
  expect(failed).toMatchObject({
    state: 'failed',
    error: { advice: expect.stringMatching(/Resume/) },
  });
  await library.blobs.put(bytes);
  await jobs.resumeJob({ id: jobId }, {});
  expect(await studio.until(jobId, 'done', 'failed')).toMatchObject({ state: 'done' });
});
