import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { modelRecordOf } from '../../../src-main/library/modelRepository.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { parseLayoutPrior } from '../../../src-shared/layout.ts';
import { modelRecord } from '../../../src-shared/modelRecord.ts';
import { studioSettings } from '../../../src-shared/settings.ts';
import { modelAt, testLibraries } from '../../support/testLibrary.ts';

const { open, newFolder } = testLibraries();

test('a model is known by its path, which no window sees', () => {
  const { models } = open();
  const added = models.add(modelAt('/models/dreams/v1.safetensors'));
  expect(added).toEqual({
    ...modelAt('/models/dreams/v1.safetensors'),
    ...{ id: added.id, addedAt: added.addedAt },
  });
  expect(models.get(added.id)).toEqual(added);
  expect(models.withPath(added.path)).toEqual(added);
  expect(models.withPath('/elsewhere')).toBeUndefined();
  const record = modelRecordOf(added);
  expect(modelRecord.parse(record)).toEqual(record);
  expect(record.fileName).toBe('v1.safetensors');
  expect(JSON.stringify(record)).not.toContain('dreams');
});

test('a model that is added again is inspected anew', () => {
  const { models } = open();
  const { id } = models.add(modelAt('/models/a'));
  models.rename(id, 'Mine');
  const fingerprint = { bytes: 7, modifiedAt: 8 };
  const inspection = { ...modelAt('').inspection, problem: 'unet/conv_in.weight is missing' };
  const again = models.add({ ...modelAt('/models/a'), fingerprint, inspection });
  expect(again).toMatchObject({ id, name: 'Mine', fingerprint, inspection });
  expect(models.list()).toHaveLength(1);
  const update = { kind: 'k', fingerprint: modelAt('').fingerprint, inspection: again.inspection };
  expect(models.update(id, update)).toMatchObject({ id, kind: 'k', fingerprint: { bytes: 1000 } });
});

test.each(['queued', 'running', 'paused', 'interrupted'] as const)(
  'a model stays while a job that is %s names it',
  (state) => {
    const { models, jobs } = open();
    const { id } = models.add(modelAt('/models/a'));
    const other = models.add(modelAt('/models/b'));
    const request = { request: { modelId: id } };
    const job = jobs.add({ kind: 'train', title: 'Training <minka>', device: 'cpu', request });
    jobs.change(job.id, { state });
    expect(() => models.remove(id)).toThrow(
      '"Toybox" is needed by "Training <minka>": wait until that has ended, or cancel it first',
    );
    models.remove(other.id);
    jobs.change(job.id, { state: 'failed' });
    models.remove(id);
    expect(models.list()).toEqual([]);
  },
);

test('a model that comes back is the one that trainings and pictures name', () => {
  const { models } = open();
  const { id } = models.add(modelAt('/models/a'));
  models.remove(id);
  expect(models.add(modelAt('/models/b')).id).not.toBe(id);
  expect(models.add(modelAt('/models/a')).id).toBe(id);
  models.remove(id);
  expect(models.add(modelAt('/models/a')).id).toBe(id);
});

test('a built-in model follows the program, comes first and stays', () => {
  const { models } = open();
  models.add({ ...modelAt('/models/a'), name: 'A' });
  const { id } = models.add({ ...modelAt('/old/assets/toybox'), builtIn: true });
  models.rename(id, 'Zoo');
  const moved = models.add({ ...modelAt('/new/assets/toybox'), builtIn: true });
  expect(moved).toMatchObject({ id, name: 'Zoo', path: '/new/assets/toybox' });
  expect(models.list().map(({ name }) => name)).toEqual(['Zoo', 'A']);
  expect(() => models.remove(id)).toThrow('Zoo comes with Tessera');
  models.remove(models.list()[1].id);
  expect(models.list()).toHaveLength(1);
  expect(() => models.get(randomUUID())).toThrow(InputError);
  expect(() => models.rename(randomUUID(), 'x')).toThrow(InputError);
});

test('layouts are saved and deleted', () => {
  const { priors } = open();
  const heatMap = { height: 1, width: 1, values: [1] };
  const sample = { seed: 1, objects: [{ box: [0, 0, 0.5, 1], heatMap }] };
  const prior = parseLayoutPrior({
    ...{ version: 1, prompt: 'a cat', objects: ['cat'], samples: [sample] },
  });
  const first = priors.save('first', prior);
  const second = priors.save('second', prior);
  expect(priors.list()).toEqual([second, first]);
  priors.remove(first.id);
  expect(priors.list()).toEqual([second]);
  expect(() => priors.remove(first.id)).toThrow(InputError);
});

test('settings begin with their defaults, and stay as they were chosen', () => {
  const folder = newFolder();
  const library = open(folder);
  expect(library.settings.get()).toEqual(studioSettings.parse({}));
  library.settings.change({ theme: 'dark', previewEvery: 0 });
  expect(library.settings.change({ tourDone: true, theme: undefined })).toEqual(
    studioSettings.parse({ theme: 'dark', previewEvery: 0, tourDone: true }),
  );
  const chosen = library.settings.get();
  library.close();
  expect(open(folder).settings.get()).toEqual(chosen);
});

test('what was measured on devices is remembered', () => {
  const { devices, models } = open();
  expect(devices.selfTest('cpu')).toBeUndefined();
  const result = { at: 5, passed: true, error: 1e-6, stepsPerSecond: 9.5 };
  devices.recordSelfTest('cpu', { ...result, passed: false });
  devices.recordSelfTest('cpu', result);
  expect(devices.selfTest('cpu')).toEqual(result);

  const { id: modelId } = models.add(modelAt('/models/a'));
  const size = { width: 64, height: 64, pictures: 4 };
  const work = { device: 'cpu', modelId, method: 'textual-inversion', ...size } as const;
  const speed = { secondsPerStep: 0.125, memory: 1e9, measuredAt: 7 };
  devices.recordSpeed(work, { ...speed, secondsPerStep: 1 });
  devices.recordSpeed(work, speed);
  expect(devices.speed(work)).toEqual(speed);
  expect(devices.speed({ ...work, pictures: 8 })).toBeUndefined();
  expect(devices.speed({ ...work, device: 'cuda' })).toBeUndefined();
  expect(() => devices.recordSpeed({ ...work, modelId: randomUUID() }, speed)).toThrow(InputError);
  models.remove(modelId);
  expect(devices.speed(work)).toBeUndefined();
});
