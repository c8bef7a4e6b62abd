import { describe, expect, test } from 'vitest';
import { EngineStoppedError } from '../../../src-main/engine/host.ts';
import { explainFailure } from '../../../src-main/jobs/jobErrors.ts';
import { createPatience } from '../../../src-main/jobs/jobPatience.ts';
import { requireAllowed } from '../../../src-main/jobs/jobStates.ts';
import { thinHistory } from '../../../src-main/jobs/trainingHistory.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { type JobState, type JobStatus, jobStates } from '../../../src-shared/jobRecord.ts';

describe('patience with an engine that ends', () => {
  const progress = (step: number, phase = 'training') =>
    ({ type: 'progress', phase, step, total: 100, memory: 0 }) as const;

  test('runs out at the third end without progress', () => {
    const patience = createPatience(3);
    patience.progress('job', progress(5));
    expect([1, 2, 3].map(() => patience.endures('job'))).toEqual([true, true, false]);
  });

  test('begins anew with each step farther than ever before', () => {
    const patience = createPatience(2);
    for (const step of [1, 2, 3, 4]) {
      patience.progress('job', progress(step));
      expect(patience.endures('job')).toBe(true);
    }
    patience.progress('job', progress(1, 'encoding photos'));
    expect(patience.endures('job')).toBe(true);
    patience.progress('job', progress(4));
    expect(patience.endures('job')).toBe(false);
  });

  test('is of each job by itself, and is forgotten on request', () => {
    const patience = createPatience(2);
    patience.endures('one');
    expect(patience.endures('other')).toBe(true);
    patience.forget('one');
    expect([patience.endures('one'), patience.endures('one')]).toEqual([true, false]);
  });
});

describe('what a failure means to the user', () => {
  test.each<[string, unknown, RegExp, RegExp]>([
    [
      'an engine that said why it ended',
      new EngineStoppedError('it ended', 'RangeError: Array buffer allocation failed'),
      /memory is not enough/,
      /smaller pictures/,
    ],
    [
      'a full disk',
      new InputError('/somewhere/x: no space is left here'),
      /^The disk is full\.$/,
      /Make room.*Nothing is lost/,
    ],
    [
      'a full disk under the database',
      new InputError('The disk of the library ~ is full; nothing was lost (SQLITE_FULL).'),
      /disk is full/,
      /Make room/,
    ],
    [
      'a full disk under a decoder',
      new Error('write error: No space left on device'),
      /disk is full/,
      /Make room/,
    ],
    [
      'a read-only disk',
      new InputError('x: this place is read-only'),
      /cannot be written/,
      /Make it writable/,
    ],
    ['too little memory', new Error('std::bad_alloc'), /memory is not enough/, /smaller pictures/],
    [
      'too little memory of a card',
      new Error('CUDA failure 2: out of memory'),
      /memory is not enough/,
      /batch/,
    ],
    [
      'a lost device',
      new InputError(
        'device "webgpu" cannot be used: no adapter. Use --device cpu, or --device auto',
      ),
      /^device "webgpu" cannot be used: no adapter\.$/,
      /reconnect the device/,
    ],
    ['a removed card', new Error('DXGI_ERROR_DEVICE_REMOVED'), /DXGI/, /reconnect the device/],
    [
      'divergence',
      new InputError(
        'training diverged in step 3: the loss is NaN. Train again with a lower learning rate',
      ),
      /diverged in step 3/,
      /lower learning rate/,
    ],
    [
      'a moved model',
      new InputError('unet.safetensors: no such file or folder'),
      /unet\.safetensors/,
      /add the model again/,
    ],
    [
      'engines that end',
      new EngineStoppedError('it ended (SIGKILL); often the machine ran out of memory', 'SIGKILL'),
      /several times.*SIGKILL/,
      /Close other programs/,
    ],
    [
      'something else that was given',
      new InputError('size 60x60: expected multiples of 8'),
      /size 60x60/,
      /Mend what it names/,
    ],
    ['a fault of ours', new Error('internal: surprise'), /surprise/, /fault of the program/],
  ])('%s', (_, error, message, advice) => {
    const explained = explainFailure(error);
    expect(explained.message).toMatch(message);
    expect(explained.advice).toMatch(advice);
    expect(explained.message).not.toMatch(/ --/);
  });
});

test.each<[Parameters<typeof requireAllowed>[0], JobState[]]>([
  ['pause', ['queued', 'running', 'interrupted']],
  ['resume', ['paused', 'failed']],
  ['cancel', ['queued', 'running', 'interrupted', 'paused', 'failed']],
])('%s is for jobs that are %j', (action, able) => {
  for (const state of jobStates) {
    const job: JobStatus = {
      ...{ id: 'job', kind: 'train', title: 'Training <cat>', state, priority: 0, device: 'cpu' },
      ...{ createdAt: 0, notes: [] },
    };
    const attempt = () => requireAllowed(action, job);
    if (able.includes(state)) expect(attempt).not.toThrow();
    else expect(attempt).toThrow(/^Training <cat> cannot be (paused|resumed|stopped): /);
  }
});

describe('a long history', () => {
  const step = Array.from({ length: 5000 }, (_, index) => index + 1);
  const figures = {
    loss: step.map((each) => 1 / each),
    drift: step.map((each) => (each % 10 === 0 ? each : null)),
  };

  test('keeps its ends, its order and most of what is measured seldom', () => {
    const thin = thinHistory({ step, figures }, 500);
    expect(thin.step).toHaveLength(500);
    expect([thin.step[0], thin.step.at(-1)]).toEqual([1, 5000]);
    expect(thin.step.toSorted((a, b) => a - b)).toEqual(thin.step);
    expect(new Set(thin.step).size).toBe(500);
    expect(thin.figures.loss).toEqual(thin.step.map((each) => 1 / each));
    expect(thin.figures.drift.filter((value) => value !== null).length).toBeGreaterThan(450);
  });

  test('stays as it is where it is short', () => {
    const short = { step: [1, 2, 3], figures: { loss: [3, 2, 1] } };
    expect(thinHistory(short, 3)).toEqual(short);
    expect(thinHistory(short, 2)).toEqual({ step: [1, 3], figures: { loss: [3, 1] } });
  });
});
