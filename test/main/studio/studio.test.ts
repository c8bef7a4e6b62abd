import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CancelledError } from '../../../src-main/engine/host.ts';
import { createFaultLog } from '../../../src-main/studio/faultLog.ts';
import { withoutPersonalPaths } from '../../../src-main/studio/withoutPersonalPaths.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { type StudioCallName, studioApi } from '../../../src-shared/studioApi.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { openTestStudio, type TestStudio, toyboxId } from '../../support/testStudio.ts';

const { path } = temporaryFolder();
let studio: TestStudio;
beforeAll(async () => {
  studio = await openTestStudio(path('library'));
});
afterAll(() => studio.close());

const nobody = crypto.randomUUID();
const noFile = 'a'.repeat(64);
const settings = { modelId: nobody, prompt: 'a cat' };

describe('what cannot be used is refused, and the message names it', () => {
  test.each<[string, StudioCallName, unknown, RegExp]>([
    ['no object', 'getConcept', 7, /^getConcept is 7; /],
    ['no id', 'getConcept', { id: 'x' }, /^getConcept: id is "x"; expected the id of something/],
    ['an unknown field', 'getJob', { id: nobody, more: 1 }, /^getJob is .*"more"/],
    ['a number out of range', 'rateComposition', { id: nobody, rating: 9 }, /rating is 9/],
    ['no hash', 'importPhoto', { blob: '/etc/passwd', name: 'x' }, /blob is .*hash of a file/],
    ['a prompt that is none', 'composePreview', { settings: { ...settings, prompt: 4 } }, /prompt/],
    [
      'a strength beyond',
      'composePreview',
      { settings: { ...settings, concepts: [{ versionId: nobody, token: 't', strength: 2 }] } },
      /concepts\[0\]\.strength is 2/,
    ],
    [
      'a box outside',
      'composePreview',
      {
        settings: { ...settings, layout: { objects: [{ phrase: 'cat', boxes: [[0, 0, 2, 1]] }] } },
      },
      /expected a number from 0 to 1/,
    ],
    ['an unknown way', 'nextBallot', { first: 'plain', second: 'best' }, /second is "best"/],
    ['an unknown theme', 'changeSettings', { theme: 'pink' }, /theme is "pink"/],
    ['an absent concept', 'getConcept', { id: nobody }, /concept .*not|not have/i],
    ['an absent job', 'getJob', { id: nobody }, /job/i],
    ['an absent model', 'composePreview', { settings }, /model/i],
    ['an absent picture', 'getComposition', { id: nobody }, /picture|composition/i],
    ['an absent file', 'importPhoto', { blob: noFile, name: 'cat.jpg' }, /library/i],
    ['an absent backup', 'restore', { blob: noFile }, /library/i],
    ['a model as default that is not there', 'changeSettings', { modelId: nobody }, /model/i],
    [
      'a device that does not work',
      'changeSettings',
      { device: 'dml' },
      /DirectML.*cannot be used.*Choose another/,
    ],
    ['a test of such a device', 'testDevice', { device: 'dml' }, /DirectML.*cannot be used/],
    ['a comparison of nothing', 'comparisonSheet', { ways: [] }, /no pictures to compare/],
  ])('%s', async (_, name, input, message) => {
    const refused = studio.studio.call(name, input);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(InputError);
  });
});

test('settings: what is given changes, the rest stays, and windows are told', async () => {
  const modelId = await toyboxId(studio);
  await studio.call('changeSettings', { theme: 'dark', previewEvery: 7 });
  studio.changed();
  expect(await studio.call('changeSettings', { tourDone: true, modelId })).toMatchObject({
    ...{ theme: 'dark', previewEvery: 7, tourDone: true, device: 'cpu', modelId },
  });
  expect(studio.changed()).toEqual(['settings']);
  expect(await studio.call('getSettings', {})).toMatchObject({ theme: 'dark', tourDone: true });
});

test('about and devices', async () => {
  const about = await studio.call('about', {});
  expect(about).toMatchObject({ shell: 'browser', device: 'processor' });
  const { devices } = await studio.call('listDevices', {});
  expect(devices.find(({ name }) => name === 'cpu')).toMatchObject({ works: true });
  expect(devices.every(({ works, reason }) => works || reason)).toBe(true);
});

test('storage is measured; a collection spares what is new', async () => {
  const hash = await studio.upload('something that nothing needs');
  const before = await studio.call('storage', {});
  expect(before.blobs).toBeGreaterThan(0);
  expect(before.blobBytes).toBeGreaterThan(0);
  expect(before.freeBytes).toBeGreaterThan(0);
  expect(await studio.call('collectGarbage', {})).toEqual({ files: 0, bytes: 0 });
  expect(studio.studio.blobs.has(hash)).toBe(true);
});

test('a backup that is cancelled ends, and leaves nothing', async () => {
  const { blobs } = await studio.call('storage', {});
  const controller = new AbortController();
  const phases: string[] = [];
  const cancelled = studio.call(
    'backUp',
    {},
    {
      signal: controller.signal,
      onProgress: ({ phase }) => {
        phases.push(phase);
        if (phase === 'gathering files') controller.abort();
      },
    },
  );
  await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
  expect(phases).toEqual(['copying the database', 'gathering files']);
  expect((await studio.call('storage', {})).blobs).toBe(blobs);
  const collected = studio.call('collectGarbage', {}, { signal: controller.signal });
  await expect(collected).rejects.toBeInstanceOf(CancelledError);
});

test('a backup brings back what was there', async () => {
  const prior = {
    version: 1 as const,
    prompt: 'a cat',
    objects: ['cat'],
    samples: [
      {
        seed: 0,
        objects: [{ box: [0, 0, 1, 1], heatMap: { height: 1, width: 1, values: [1] } }],
      },
    ],
  };
  await studio.call('savePrior', { name: 'middle', prior });
  const { blob, bytes } = await studio.call('backUp', {});
  expect(bytes).toBe(studio.studio.blobs.bytes(blob));
  const copy = path('backup');
  writeFileSync(copy, await studio.studio.blobs.read(blob));
  const [{ id }] = (await studio.call('listPriors', {})).priors;
  await studio.call('deletePrior', { id });
  expect((await studio.call('listPriors', {})).priors).toEqual([]);
  studio.changed();
  await studio.call('restore', { blob: await studio.uploadFile(copy) });
  expect((await studio.call('listPriors', {})).priors).toMatchObject([{ name: 'middle', prior }]);
  expect(studio.changed()).toEqual(expect.arrayContaining(['concepts', 'priors', 'models']));
  expect(await toyboxId(studio)).toBeTruthy();
});

test('a file that is no backup leaves the library as it is', async () => {
  const blob = await studio.upload('no backup at all');
  await expect(studio.call('restore', { blob })).rejects.toThrow(InputError);
  expect((await studio.call('listPriors', {})).priors).toHaveLength(1);
});

test('diagnostics tell machine, models, figures and faults, but not whose they are', async () => {
  const { text } = await studio.call('diagnostics', {});
  expect(text).toMatch(/^Tessera \d/);
  expect(text).toContain('ONNX Runtime');
  expect(text).toContain('device cpu: works');
  expect(text).toContain('built-in checkpoint folder, sd1');
  expect(text).toMatch(/Faults of this run\nnone/);
  expect(text).not.toContain(homedir());
});

describe('personal paths', () => {
  const ada = { home: '/people/ada', user: 'ada', machine: 'adas-laptop' };
  test.each([
    ['/people/ada/models/x.safetensors', '~/models/x.safetensors'],
    ['at /opt/ada/y (/people/ada)', 'at /opt/USER/y (~)'],
    ['Adam and canada stay', 'Adam and canada stay'],
    ['ADAS-LAPTOP', 'MACHINE'],
  ])('%s', (text, expected) => {
    expect(withoutPersonalPaths(text, ada)).toBe(expected);
  });

  test('of Windows, with either slash and in JSON', () => {
    const home = ['C:', 'People', 'Ada'].join('\\');
    const person = { home, user: 'Ada', machine: '' };
    const spellings = [home, home.replaceAll('\\', '\\\\'), home.replaceAll('\\', '/')];
    const text = spellings.map((spelling) => `${spelling}|x`).join(' ');
    expect(withoutPersonalPaths(text, person)).toBe('~|x ~|x ~|x');
  });

  test('a root folder is nobody’s home', () => {
    expect(withoutPersonalPaths('/etc', { home: '/', user: '', machine: '' })).toBe('/etc');
  });
});

test('the log of faults keeps the newest, cut short', () => {
  const log = createFaultLog();
  for (let index = 0; index < 30; index++) log.note('place', new Error(`number ${index}`));
  log.note('place', 'x'.repeat(10_000));
  const lines = log.lines();
  expect(lines).toHaveLength(20);
  expect(lines[0]).toContain('number 11');
  expect(lines.at(-1)!.length).toBe(2000);
});

test('every call of the contract has a handler that answers something', async () => {
  for (const name of Object.keys(studioApi) as StudioCallName[]) {
    // Nothing that the contract takes: every one of them must say so itself.
    await expect(studio.studio.call(name, 'nonsense'), name).rejects.toThrow(
      `${name} is "nonsense"`,
    );
  }
});
