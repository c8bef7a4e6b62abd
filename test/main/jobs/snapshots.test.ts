import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readConcept } from '../../../src-main/engine/concepts/conceptFile.ts';
import { createEngine } from '../../../src-main/engine/host.ts';
import { type EngineParams, parseParams } from '../../../src-main/engine/protocol.ts';
import type { JobEvent, TrainingSnapshot } from '../../../src-shared/job.ts';
import { drawPhotos } from '../../support/drawPhotos.ts';
import { committedGolden } from '../../support/runCli.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

// a busy machine takes its time
vi.setConfig({ testTimeout: 240_000 });

const { path } = temporaryFolder();
const engine = createEngine();
afterAll(() => engine.close());
beforeAll(() => drawPhotos(path('photos'), 2));

function params(name: string, changes: object = {}): EngineParams<'trainConcept'> {
  return parseParams('trainConcept', {
    ...{ model: committedGolden('tiny-sd1'), threads: 1, photos: path('photos') },
    ...{ classWord: 'cat', token: '<my-cat>', variant: 'semantic', vectors: 1, batch: 1 },
    ...{ steps: 5, size: { width: 64, height: 64 }, seed: 4, checkpointEvery: 2 },
    out: path(`${name}.safetensors`),
    ...changes,
  });
}

function looking(name: string) {
  return { snapshots: { every: { steps: 2 }, folder: path(name), object: 'apple' } };
}

interface Trained {
  readonly snapshots: TrainingSnapshot[];
  readonly events: JobEvent[];
}

/** Trains, and stops where asked to. */
async function train(
  given: EngineParams<'trainConcept'>,
  stopAt?: (event: JobEvent) => boolean,
): Promise<Trained> {
  const events: JobEvent[] = [];
  const controller = new AbortController();
  const onEvent = (event: JobEvent) => {
    events.push(event);
    if (stopAt?.(event)) controller.abort();
  };
  const call = engine.call('trainConcept', given, { onEvent, signal: controller.signal });
  if (stopAt) await expect(call).rejects.toThrow(/cancelled/);
  else await call;
  return { events, snapshots: events.filter((event) => event.type === 'snapshot') };
}

function bytesOf(name: string): Buffer {
  return readFileSync(path(`${name}.safetensors`));
}

test('a training that is looked at ends with the same bytes', async () => {
  await train(params('blind'));
  const { snapshots, events } = await train(params('seen', looking('seen')));
  expect(bytesOf('seen').equals(bytesOf('blind'))).toBe(true);
  expect(snapshots.map(({ step }) => step)).toEqual([0, 2, 4, 5]);
  for (const { plain, composition } of snapshots) {
    for (const picture of [plain, composition]) {
      const metadata = await sharp(picture).metadata();
      expect(metadata).toMatchObject({ format: 'png', width: 64, height: 64 });
    }
  }
  expect(readFileSync(snapshots[0].plain)).not.toEqual(readFileSync(snapshots[3].plain));
  expect(readFileSync(snapshots[0].plain)).not.toEqual(readFileSync(snapshots[0].composition));
  const shares = events.filter((event) => event.type === 'anchors');
  expect(shares.at(-1)).toMatchObject({ step: 5 });
  expect(shares.at(-1)?.anchors[0].word).toBe('cat');
});

test('looks are made in the precision that is asked for', async () => {
  const half = { precision: 'float16', steps: 1 };
  const { snapshots } = await train(params('half', { ...half, ...looking('half') }));
  const [rounded, exact] = [snapshots[0].plain, path('seen/step-000000.plain.png')];
  expect(readFileSync(rounded)).not.toEqual(readFileSync(exact));
  const { channels } = await sharp(rounded).stats();
  const { channels: expected } = await sharp(exact).stats();
  for (const [index, { mean }] of channels.entries()) {
    expect(Math.abs(mean - expected[index].mean)).toBeLessThan(2);
  }
});

test('each look is a concept file of its step, with the settings and the version inside', () => {
  const steps = readdirSync(path('seen')).filter((name) => name.endsWith('.safetensors'));
  const concepts = steps.map((name) => readConcept(path(`seen/${name}`)));
  expect(concepts.map(({ description }) => description.steps)).toEqual([0, 2, 4, 5]);
  expect(concepts[0].description.loss).toBeUndefined();
  expect(concepts[1].rows).not.toEqual(concepts[2].rows);
  expect(concepts[3].rows).toEqual(readConcept(path('blind.safetensors')).rows);
  const { description } = readConcept(path('blind.safetensors'));
  expect(description.engineVersion).toMatch(/^\d+\.\d+\.\d+/);
  expect(description.training).toMatchObject({ method: 'textual-inversion', batch: 1, seed: 4 });
});

test.each([
  ['in a step', (event: JobEvent) => isStep(event, /^training$/, 3)],
  ['in a look between checkpoints', (event: JobEvent) => isStep(event, /^preview of step 3/, 4)],
  ['in the last look', (event: JobEvent) => isStep(event, /^preview of step 5/, 4)],
])('stopped %s, it goes on to the same bytes and makes no picture twice', async (name, stop) => {
  const own = name.replaceAll(' ', '-');
  const request = { snapshots: { every: { steps: 3 }, folder: path(own), object: 'apple' } };
  const before = await train(params(own, request), stop);
  const made = before.snapshots.map(({ plain }) => [plain, statSync(plain).mtimeMs] as const);
  const after = await train(params(own, { ...request, resume: true }));
  expect(bytesOf(own).equals(bytesOf('blind'))).toBe(true);
  expect(after.snapshots.map(({ step }) => step)).toEqual([0, 3, 5]);
  for (const [plain, time] of made) expect(statSync(plain).mtimeMs).toBe(time);
  expect(made.length).toBeGreaterThan(0);
});

test('with minutes the clock picks the steps, and the training ends with the same bytes', async () => {
  const every = (minutes: number) => ({
    snapshots: { every: { minutes }, folder: path('clock'), object: 'apple' },
  });
  const stop = (event: JobEvent) => isStep(event, /^preview of step 3/, 4);
  // every step takes longer than a microsecond; none takes an hour
  const before = await train(params('clock', every(1e-8)), stop);
  expect(before.snapshots.map(({ step }) => step)).toEqual([0, 1, 2]);
  const made = before.snapshots.map(({ plain }) => [plain, statSync(plain).mtimeMs] as const);
  const after = await train(params('clock', { ...every(60), resume: true }));
  expect(after.snapshots.map(({ step }) => step)).toEqual([0, 1, 2, 3, 5]);
  for (const [plain, time] of made) expect(statSync(plain).mtimeMs).toBe(time);
  expect(bytesOf('clock').equals(bytesOf('blind'))).toBe(true);
  const third = 'step-000003.plain.png';
  expect(readFileSync(path(`clock/${third}`))).toEqual(readFileSync(path(`in-a-step/${third}`)));
});

function isStep(event: JobEvent, phase: RegExp, step: number): boolean {
  return event.type === 'progress' && phase.test(event.phase) && event.step === step;
}

test('a method that changes the UNet shows that too', async () => {
  const method = { method: 'lora-dreambooth', priorImages: 0, learningRate: 0.05, steps: 2 };
  const { snapshots } = await train(params('lora', { ...method, ...looking('lora') }));
  const [start, end] = snapshots.map(({ plain }) => readFileSync(plain));
  expect(start).not.toEqual(end);
  expect(readConcept(snapshots[1].concept!).lora.size).toBeGreaterThan(0);
});

test('the words about one photo change what is learnt, and the checkpoint knows them', async () => {
  const suffixes = { captionSuffixes: { 'photo-1.jpg': 'on a red sofa' } };
  await train(params('words', suffixes));
  expect(bytesOf('words').equals(bytesOf('blind'))).toBe(false);
  await train(params('other', suffixes), (event) => isStep(event, /^training$/, 3));
  const resume = (changes: object) =>
    engine.call('trainConcept', params('other', { resume: true, ...changes }));
  await expect(resume({})).rejects.toThrow(/was made with photos/);
  await expect(resume({ ...suffixes, predictionType: 'v_prediction' })).rejects.toThrow(
    /was made with scheduler .*"epsilon".* not .*"v_prediction"/,
  );
  rmSync(path('other.training.safetensors'));
  const long = { captionSuffixes: { 'photo-2.jpg': 'very '.repeat(100) }, steps: 1 };
  const { events } = await train(params('long', long));
  expect(JSON.stringify(events)).toMatch(/words about photo-2\.jpg are longer/);
  expect(existsSync(path('long.safetensors'))).toBe(true);
});
