import { describe, expect, test } from 'vitest';
import {
  fittingVersions,
  missingVariant,
  pickVersion,
} from '../../src-renderer/compose/conceptVersions.ts';
import { downloadName } from '../../src-renderer/compose/downloadName.ts';
import { medianLayout } from '../../src-renderer/compose/medianLayout.ts';
import { parseHexColour, phraseTile } from '../../src-renderer/compose/phraseColours.ts';
import { pictureSize, sizeProblem } from '../../src-renderer/compose/pictureSize.ts';
import { priorHeat } from '../../src-renderer/compose/priorHeat.ts';
import { replacementBetween } from '../../src-renderer/compose/textEdits.ts';
import type { ConceptVersion } from '../../src-shared/conceptRecord.ts';
import { parseLayoutPrior } from '../../src-shared/layout.ts';

function sample(seed: number, boxes: number[][], values: number[]) {
  const heatMap = { width: 2, height: 1, values };
  return { seed, objects: boxes.map((box) => ({ box, heatMap })) };
}

const prior = parseLayoutPrior({
  version: 1,
  prompt: 'a cat and a hat',
  objects: ['cat', 'hat'],
  samples: [
    sample(
      0,
      [
        [0, 0, 0.2, 0.5],
        [0.5, 0, 1, 1],
      ],
      [1, 0],
    ),
    sample(
      1,
      [
        [0.1, 0, 0.4, 1],
        [0.6, 0, 1, 1],
      ],
      [0, 1],
    ),
    sample(
      2,
      [
        [0.2, 0, 0.9, 0.6],
        [0.7, 0, 1, 1],
      ],
      [0.5, 0.5],
    ),
  ],
});

describe('a prior', () => {
  test('gives the median of its boxes, side by side', () => {
    expect(medianLayout(prior).objects).toEqual([
      { phrase: 'cat', boxes: [[0.1, 0, 0.4, 0.6]] },
      { phrase: 'hat', boxes: [[0.6, 0, 1, 1]] },
    ]);
  });

  test('gives a box also where the medians of two sides meet', () => {
    const apart = parseLayoutPrior({
      ...prior,
      objects: ['cat'],
      samples: [
        sample(0, [[0, 0, 0.1, 1]], [1, 0]),
        sample(1, [[0.1, 0, 0.2, 1]], [1, 0]),
        sample(2, [[0.9, 0, 1, 1]], [1, 0]),
        sample(3, [[0.9, 0, 1, 1]], [1, 0]),
      ],
    });
    const [[x0, , x1]] = medianLayout(apart).objects[0].boxes;
    expect(x1).toBeGreaterThan(x0);
  });

  test('has one cloud per thing, in the colour of its boxes', () => {
    const [cat, hat] = priorHeat(prior, ['hat']);
    expect(cat.map.values).toEqual([0.5, 0.5]);
    expect(hat.tile).toBe(phraseTile(0));
    expect(cat.tile).toBe(phraseTile(1));
    expect(priorHeat(undefined, [])).toEqual([]);
  });
});

describe('versions of a concept', () => {
  const model = { id: 'm', family: 'sd1' as const, builtIn: false };
  const base = { family: 'sd1', modelId: 'm' } as ConceptVersion;
  const plain: ConceptVersion = { ...base, id: 'p', number: 1, variant: 'plain' };
  const semantic: ConceptVersion = { ...base, id: 's', number: 2, variant: 'semantic' };
  const newest: ConceptVersion = { ...base, id: 'n', number: 3, variant: 'plain' };
  const toy: ConceptVersion = { ...base, id: 't', number: 4, variant: 'plain', modelId: 'toy' };
  const other: ConceptVersion = { ...plain, id: 'o', number: 5, family: 'sd2', modelId: 'x' };

  test('fit the model they were trained on and others of its family, but not the built-in one', () => {
    const all = [plain, semantic, newest, toy, other];
    expect(fittingVersions(all, model, 'toy').map(({ id }) => id)).toEqual(['n', 's', 'p']);
    const builtIn = { id: 'toy', family: 'sd1' as const, builtIn: true };
    expect(fittingVersions(all, builtIn, 'toy').map(({ id }) => id)).toEqual(['t']);
  });

  test('are taken as wished, else with anchors', () => {
    expect(pickVersion([newest, semantic, plain], 'p')).toBe(plain);
    expect(pickVersion([newest, semantic, plain], 'gone')).toBe(semantic);
    expect(pickVersion([newest, plain], undefined)).toBe(newest);
    expect(pickVersion([], 'p')).toBeUndefined();
  });

  test('lack a training for a comparison', () => {
    expect(missingVariant([semantic])).toBe('plain');
    expect(missingVariant([plain])).toBe('semantic');
    expect(missingVariant([plain, semantic])).toBeUndefined();
  });
});

describe('small things', () => {
  test.each([
    ['a cat', 'a black cat', { start: 2, end: 2, text: 'black ' }],
    ['a <my-cat> cat', 'a  cat', { start: 2, end: 10, text: '' }],
    ['aa', 'aaa', { start: 2, end: 2, text: 'a' }],
    ['', 'x', { start: 0, end: 0, text: 'x' }],
    ['same', 'same', { start: 4, end: 4, text: '' }],
  ])('"%s" becomes "%s" by the smallest replacement', (before, after, replacement) => {
    expect(replacementBetween(before, after)).toEqual(replacement);
  });

  test('files are called after what is in them', () => {
    expect(downloadName({ prompt: 'a <my-cat> cat: "hi" / there', seed: 7 }, 'png')).toBe(
      'a my-cat cat hi there, seed 7.png',
    );
    expect(downloadName({ prompt: '???', seed: 0 }, 'png')).toBe('picture, seed 0.png');
  });

  test('colours are read', () => {
    expect(parseHexColour(' #63c7b4')).toEqual([0x63, 0xc7, 0xb4]);
    expect(parseHexColour('red')).toEqual([0, 0, 0]);
  });

  test('sizes are the model’s own, or checked', () => {
    expect(pictureSize(undefined, { nativeSize: 64 })).toEqual({ width: 64, height: 64 });
    expect(pictureSize({ width: 96, height: 64 }, undefined).width).toBe(96);
    expect(sizeProblem({ width: 64, height: 68 }, 4)).toBeUndefined();
    expect(sizeProblem({ width: 64, height: 67 }, 4)).toMatch(/multiples of 4/);
    expect(sizeProblem({ width: 4, height: 64 }, 4)).toMatch(/8 to 4096/);
  });
});
