import { describe, expect, test } from 'vitest';
import {
  draftOfSettings,
  firstDraft,
  parseSeed,
  promptFor,
  seedFrom,
  settingsOf,
} from '../../src-renderer/compose/compositionDraft.ts';
import { heatMapPixels, meanHeatMap } from '../../src-renderer/compose/heatMapPixels.ts';
import {
  boxesOf,
  isInPrompt,
  layoutOf,
  phrasesOf,
} from '../../src-renderer/compose/placedBoxes.ts';
import { compositionSettings } from '../../src-shared/composition.ts';
import { parseLayout } from '../../src-shared/layout.ts';

const modelId = '6f1c4a0e-5b1e-4a2e-9a53-0d4a3f6b2c11';
const versionId = '0b6d7a52-91f4-4c3f-8a6d-5e2f1c9b7d22';
const layout = parseLayout({
  objects: [
    { phrase: '<my-cat> cat', boxes: [[0, 0.25, 0.5, 1]] },
    {
      phrase: 'hat',
      occurrences: [2],
      boxes: [
        [0, 0, 0.5, 0.25],
        [0.5, 0, 1, 0.25],
      ],
    },
  ],
});

describe('a draft', () => {
  test('is read by the contract, and a picture gives it back', () => {
    const draft = {
      ...firstDraft,
      prompt: 'a <my-cat> cat',
      seed: 7,
      size: { width: 64, height: 96 },
    };
    const concepts = [{ versionId, token: '<my-cat>', strength: 0.5 }];
    const settings = compositionSettings.parse(settingsOf(draft, modelId, concepts, layout));
    expect(settings).toMatchObject({ prompt: 'a <my-cat> cat', seed: 7, layout, concepts });
    expect(draftOfSettings(settings)).toEqual({
      ...draft,
      modelId,
      choices: { '<my-cat>': { versionId, strength: 0.5 } },
    });
  });

  test('begins with the concept beside something else', () => {
    expect(promptFor({ token: '<minka>', classWord: 'cat' })).toBe('a <minka> cat and a backpack');
    expect(promptFor({ token: '<v>', classWord: 'backpack' })).toBe('a <v> backpack and a cup');
  });
});

describe('a seed', () => {
  test('is drawn from the whole range', () => {
    expect(seedFrom(0)).toBe(0);
    expect(seedFrom(1 - 2 ** -53)).toBe(4_294_967_295);
  });

  test.each([
    ['42', 42],
    [' 007 ', 7],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['9999999999999999', undefined],
  ])('is read from "%s"', (text, seed) => {
    expect(parseSeed(text)).toBe(seed);
  });
});

describe('boxes of a layout', () => {
  test('become the same layout again', () => {
    const boxes = boxesOf(layout, 5);
    expect(boxes.map(({ id, phrase }) => [id, phrase])).toEqual([
      [5, '<my-cat> cat'],
      [6, 'hat'],
      [7, 'hat'],
    ]);
    expect(layoutOf(boxes)).toEqual(layout);
    expect(layoutOf([])).toBeUndefined();
  });

  test('name their phrases in the order of making, whatever lies on top', () => {
    expect(phrasesOf(boxesOf(layout, 1).reverse())).toEqual(['<my-cat> cat', 'hat']);
  });

  test.each([
    ['cat', 'a Cat', true],
    ['cat', 'a catalogue', false],
    ['<my-cat>  cat', 'one <my-cat> cat.', true],
    ['red hat', 'a hat, red', false],
  ])('"%s" stands in "%s": %s', (phrase, prompt, expected) => {
    expect(isInPrompt(phrase, prompt)).toBe(expected);
  });
});

describe('a heat map', () => {
  const map = { width: 2, height: 1, values: [0.25, 1] };

  test('is the more opaque the more lies there', () => {
    expect([...heatMapPixels(map, [1, 2, 3])]).toEqual([1, 2, 3, 128, 1, 2, 3, 255]);
    expect([...heatMapPixels(map, [0, 0, 0], 4)][7]).toBe(128);
    expect([...heatMapPixels({ ...map, values: [0, 0] }, [0, 0, 0])][3]).toBe(0);
  });

  test('has a mean with others', () => {
    const other = { ...map, values: [0.75, 0] };
    expect(meanHeatMap([map, other]).values).toEqual([0.5, 0.5]);
    expect(() => meanHeatMap([map, { width: 1, height: 2, values: [1, 0] }])).toThrow(/sizes/);
  });
});
