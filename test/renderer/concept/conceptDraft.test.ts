import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../src-main/engine/inversion/methods.ts';
import {
  anchorMode,
  choiceOf,
  withAnchor,
  withoutAnchor,
} from '../../../src-renderer/concept/anchorChoices.ts';
import { describeAnchors } from '../../../src-renderer/concept/anchorWords.ts';
import {
  type ConceptDraft,
  emptyDraft,
  problemsOf,
  requestOf,
  settingsOf,
} from '../../../src-renderer/concept/conceptDraft.ts';
import { isEmpty } from '../../../src-renderer/concept/draftStore.ts';
import { offeredMethods } from '../../../src-renderer/concept/methodWords.ts';
import { presetSettings, presets, previewSteps } from '../../../src-renderer/concept/presets.ts';
import { scheduleSettings, schedules } from '../../../src-renderer/concept/schedules.ts';
import {
  nameFromFile,
  numberedToken,
  tokenFromName,
} from '../../../src-renderer/concept/tokenNames.ts';
import { learningRateSchedules } from '../../../src-shared/api.ts';
import { trainingSettings } from '../../../src-shared/conceptRecord.ts';
import { demo } from '../../../src-shared/demo.ts';
import { blobHash } from '../../../src-shared/ids.ts';
import { studioApi } from '../../../src-shared/studioApi.ts';

const hash = blobHash.parse('a'.repeat(64));
const photo = { name: 'minka.png', blob: hash, thumbnail: hash, width: 256, height: 256 };
const trained = { ...photo, crop: { left: 0, top: 0, side: 256 }, captionSuffix: '' };
const here = { modelId: '00000000-0000-4000-8000-000000000000', builtIn: true, previewEvery: 50 };
const draft: ConceptDraft = {
  ...emptyDraft,
  ...{ name: 'Minka', token: '<minka>', classWord: 'cat' },
  photos: [{ key: '1', name: 'minka.png', share: 1, photo: trained }],
};

describe('a draft', () => {
  it('that is complete has no problems and is a request of the contract', () => {
    expect(problemsOf(draft, here)).toEqual({});
    expect(studioApi.startTraining.input.parse(requestOf(draft, here))).toMatchObject({
      concept: { name: 'Minka' },
      settings: { method: 'textual-inversion', steps: 300 },
      bothWays: true,
    });
  });

  it('is empty until something is entered, in whatever order its fields come', () => {
    const { own, ...rest } = emptyDraft;
    expect(isEmpty({ own: { ...own, steps: undefined }, ...rest, modelId: undefined })).toBe(true);
    expect(isEmpty({ ...emptyDraft, name: 'M' })).toBe(false);
    expect(isEmpty({ ...emptyDraft, photos: draft.photos })).toBe(false);
  });

  it('has of each schedule the numbers that make it what it is, and no others', () => {
    const { own } = emptyDraft;
    const restarted = { ...own, ...scheduleSettings('cosine_with_restarts') };
    const request = requestOf({ ...draft, own: restarted }, here);
    expect(studioApi.startTraining.input.parse(request).settings).toMatchObject({
      schedule: 'cosine_with_restarts',
      scheduleCycles: 3,
    });
    const falling = { ...restarted, ...scheduleSettings('polynomial') };
    expect(settingsOf({ own: falling, preset: 'balanced' }, true)).toMatchObject({
      schedulePower: 2,
    });
    expect(settingsOf({ own: falling, preset: 'balanced' }, true)).not.toHaveProperty(
      'scheduleCycles',
    );
    expect(schedules.map(({ value }) => value)).toEqual(learningRateSchedules);
  });

  it('says field by field what is missing', () => {
    const problems = problemsOf(emptyDraft, { ...here, modelId: undefined });
    expect(Object.keys(problems).toSorted()).toEqual([
      ...['classWord', 'modelId', 'name', 'photos', 'token'],
    ]);
  });

  it('says what is wrong with a setting, next to its name', () => {
    const wrong = { ...draft, own: { ...draft.own, learningRate: -1, batch: 100 } };
    expect(problemsOf(wrong, here)).toEqual({
      'settings.learningRate': 'expected a number above 0, at most 1: 0.00001 to 0.05 are usual',
      'settings.batch': 'expected at most 64',
    });
  });

  it('counts previews in minutes where it says so', () => {
    const timed = { ...draft, previewMinutes: 2.5 };
    expect(problemsOf(timed, here)).toEqual({});
    expect(studioApi.startTraining.input.parse(requestOf(timed, here))).toMatchObject({
      previewMinutes: 2.5,
    });
    expect(problemsOf({ ...draft, previewMinutes: 0 }, here)).toEqual({
      previewMinutes: 'expected a number above 0',
    });
    expect(problemsOf({ ...draft, previewMinutes: 20_000 }, here)).toEqual({
      previewMinutes: 'expected at most 10000',
    });
  });

  it('waits for photos on their way, but not for those that were refused', () => {
    const coming = { key: '2', name: 'b.png', share: 0.5 };
    const refused = { ...coming, reason: 'the file is empty' };
    expect(problemsOf({ ...draft, photos: [...draft.photos, coming] }, here).photos).toContain(
      'still being read',
    );
    expect(problemsOf({ ...draft, photos: [...draft.photos, refused] }, here)).toEqual({});
  });

  it('asks for a new version by the id of the concept alone', () => {
    const again = { ...draft, conceptId: here.modelId, parentId: here.modelId, name: '' };
    expect(requestOf(again, here)).toMatchObject({ concept: { id: here.modelId } });
    expect(problemsOf(again, here)).toEqual({});
  });

  it('trains no plain twin of a training without anchors', () => {
    const plain: ConceptDraft = { ...draft, own: { ...draft.own, anchors: { kind: 'none' } } };
    expect(requestOf(plain, here).bothWays).toBe(false);
  });
});

describe('presets', () => {
  it('are settings that the contract takes, longer from one to the next', () => {
    for (const builtIn of [true, false]) {
      for (const method of offeredMethods) {
        const steps = presets.map((preset) => {
          return trainingSettings.parse(presetSettings(method, preset, builtIn)).steps ?? 0;
        });
        expect(steps).toEqual([...new Set(steps)].toSorted((one, other) => one - other));
      }
    }
  });

  it('are those of the demo on the built-in model', () => {
    expect(presetSettings('textual-inversion', 'balanced', true)).toMatchObject(demo.training);
  });

  it('have the steps of the engine in their middle for checkpoints', () => {
    for (const method of offeredMethods) {
      const { steps } = presetSettings(method, 'balanced', false);
      expect(steps).toBe(defaultSettings[method].steps);
    }
  });

  it('give way to what the user says', () => {
    const own = { method: 'textual-inversion' as const, steps: 77, batch: undefined };
    expect(settingsOf({ own, preset: 'quick' }, true)).toMatchObject({ steps: 77, batch: 2 });
  });

  it('show a few previews, or none where none are wanted', () => {
    expect([150, 300, 600].map((steps) => previewSteps(steps, true, 50))).toEqual([25, 50, 50]);
    expect(previewSteps(150, true, 0)).toBe(0);
    expect(previewSteps(500, false, 50)).toBe(50);
  });
});

describe('words', () => {
  it('make a token of a name', () => {
    expect(['Minka', 'Our  Café!', 'Ökö-Tasse', '***'].map(tokenFromName)).toEqual([
      ...['<minka>', '<our-cafe>', '<oko-tasse>', ''],
    ]);
    expect(tokenFromName('x'.repeat(200)).length).toBeLessThanOrEqual(60);
  });

  it('number a token that is taken', () => {
    expect(numberedToken('<minka>')).toBe('<minka-2>');
    expect(numberedToken('<minka-9>')).toBe('<minka-10>');
  });

  it('make a name of a file, but not of what a camera calls it', () => {
    expect(nameFromFile('my_old-teapot (3).jpeg')).toBe('My old teapot');
    expect(nameFromFile('minka-1.png')).toBe('Minka');
    expect(['IMG_2034.HEIC', 'DSC00412.JPG', '1234.png'].map(nameFromFile)).toEqual(['', '', '']);
  });

  it('tell the anchors that still pull, the strongest first', () => {
    const anchors = [
      { word: 'fox', share: 0.18 },
      { word: 'cat', share: 0.712 },
      { word: 'plush', share: 0.004 },
    ];
    expect(describeAnchors(anchors)).toBe('0.71 cat, 0.18 fox');
  });
});

describe('anchors', () => {
  it('are a mixture unless something else is said', () => {
    expect(anchorMode(undefined)).toBe('mixture');
    expect(anchorMode({ kind: 'only', words: ['cat'] })).toBe('mixture');
    expect(choiceOf('mixture')).toBeUndefined();
    expect(choiceOf('none')).toEqual({ kind: 'none' });
  });

  it('are words of one’s own once one is added or taken away; the class word stays', () => {
    const words = ['cat', 'fox'];
    expect(withAnchor(words, 'dog')).toEqual({ kind: 'only', words: ['cat', 'fox', 'dog'] });
    expect(withAnchor(words, 'fox')).toEqual({ kind: 'only', words });
    expect(withoutAnchor(words, 'fox')).toEqual({ kind: 'only', words: ['cat'] });
    expect(withoutAnchor(words, 'cat')).toEqual({ kind: 'only', words });
  });
});
