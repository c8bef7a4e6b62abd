import { describe, expect, test } from 'vitest';
import { titlesOf, toggledId, versionsToShow } from '../../../src-renderer/map/mapChoice.ts';
import { focusAt } from '../../../src-renderer/map/mapFocus.ts';
import { findWords, sceneOf } from '../../../src-renderer/map/mapScene.ts';
import type { StoredVariant } from '../../../src-shared/concept.ts';
import { embeddingMap } from '../../../src-shared/embeddingMap.ts';
import { normals, seededRandom } from '../../support/seededRandom.ts';

const versionId = '3f0a1c9e-7a52-4a43-9d7e-1f2b3c4d5e6f';
const random = seededRandom(5);
const cloud = Array.from({ length: 1000 }, (_, index) => {
  const [x, y] = normals(random, 2);
  return { word: `word${index}`, x, y };
});
const map = embeddingMap.parse({
  words: [...cloud, { word: 'cat', x: 3, y: 1 }],
  core: { x: 0, y: 0, major: 2.4, minor: 2.4, angle: 0 },
  paths: [
    {
      versionId,
      variant: 'plain',
      points: [
        { step: 0, x: 3, y: 1 },
        { step: 50, x: 6, y: 2 },
        { step: 100, x: 9, y: 3 },
      ],
      nearest: [
        { word: 'cat', cosine: 0.4 },
        { word: 'word7', cosine: 0.3 },
        { word: 'absent', cosine: 0.2 },
      ],
    },
  ],
  explained: 0.3,
});
const scene = sceneOf(map, new Map([[versionId, '<my-cat>']]));

describe('the scene', () => {
  test('labels what is near to the concept first, and everything once', () => {
    expect(scene.labelOrder.slice(0, 3)).toEqual([1000, 7, 0]);
    expect(new Set(scene.labelOrder).size).toBe(map.words.length);
    expect(scene.near).toEqual(new Set([1000, 7]));
  });

  test('is shown at first with the core and the whole path', () => {
    expect(scene.home).toEqual({ left: -2.4, top: -2.4, right: 9, bottom: 3 });
  });

  test('has bands that lie in each other', () => {
    const [lowest, highest] = [scene.bands[0], scene.bands.at(-1)];
    const widest = (rings: typeof lowest) => Math.max(...rings.flat().map(({ x }) => x));
    expect(widest(lowest)).toBeGreaterThan(widest(highest ?? []));
  });

  test('has no band that a border cuts off, whatever lies far away', () => {
    // as even as 3,600 points of a normal distribution can lie
    const even = Array.from({ length: 3600 }, (_, index) => {
      const [ring, place] = [Math.floor(index / 60), index % 60];
      const away = Math.sqrt(-2 * Math.log(1 - (ring + 0.5) / 60));
      const angle = (2 * Math.PI * (place + (ring % 2) / 2)) / 60;
      return { word: `even${index}`, x: away * Math.cos(angle), y: away * Math.sin(angle) };
    });
    const far = { word: 'far', x: 100, y: 0 };
    for (const words of [even, [...even, far]]) {
      const [lowest] = sceneOf({ ...map, words }, new Map()).bands;
      expect(lowest).toHaveLength(1);
      const distances = lowest.flat().map(({ x, y }) => Math.hypot(x, y));
      expect(Math.max(...distances) - Math.min(...distances)).toBeLessThan(0.1);
    }
  });

  test('has none where there is nothing to be dense', () => {
    expect(sceneOf({ ...map, words: map.words.slice(-1) }, new Map()).bands).toEqual([]);
  });
});

describe('what is pointed at', () => {
  const view = { scale: 100, left: 0, top: 0 };

  test('is a step before it is a word', () => {
    expect(focusAt(scene, view, { x: 302, y: 101 }, 14)).toMatchObject({
      kind: 'step',
      text: '<my-cat> plain, step 0, the start',
    });
    expect(focusAt(scene, view, { x: 600, y: 204 }, 14)?.text).toBe('<my-cat> plain, step 50');
  });

  test('is a version without its step where nothing else of it is known', () => {
    const { points, ...path } = map.paths[0];
    const paths = [{ ...path, variant: 'foreign', points: points.slice(0, 1) }];
    const imported = sceneOf({ ...map, paths }, new Map([[versionId, '<my-cat>']]));
    expect(focusAt(imported, view, { x: 302, y: 101 }, 14)?.text).toBe('<my-cat> foreign');
  });

  test('is a word', () => {
    const { word, x, y } = cloud[20];
    expect(focusAt(scene, view, { x: x * 100, y: y * 100 }, 14)).toEqual({
      kind: 'word',
      text: word,
      x,
      y,
    });
  });

  test('may be nothing', () => {
    expect(focusAt(scene, view, { x: 5000, y: 5000 }, 14)).toBeUndefined();
  });
});

describe('findWords', () => {
  const words = ['concat', 'cat', 'Catalogue', 'cats', 'dog'].map((word) => ({ word, x: 0, y: 0 }));
  test('puts the equal one first, then beginnings, the shortest first', () => {
    const found = findWords(words, ' cat').map(({ word }) => word);
    expect(found).toEqual(['cat', 'cats', 'Catalogue', 'concat']);
  });

  test('finds nothing for nothing', () => {
    expect(findWords(words, ' ')).toEqual([]);
  });
});

describe('what is shown of a concept', () => {
  const version = (id: string, number: number, variant: StoredVariant, modelId = 'toybox') => ({
    id,
    number,
    variant,
    modelId,
  });
  const versionList = [
    version('e', 5, 'semantic', 'other'),
    version('d', 4, 'semantic'),
    version('c', 3, 'plain'),
    version('b', 2, 'semantic'),
    version('a', 1, 'plain'),
  ];

  test('is the newest of each kind that belongs to the model', () => {
    expect(versionsToShow({ versionList }, 'toybox').map(({ id }) => id)).toEqual(['c', 'd']);
    expect(versionsToShow({ versionList }, 'unknown')).toEqual([]);
  });

  test("is another program's only where there is nothing else", () => {
    const foreign = [version('g', 7, 'foreign'), version('f', 6, 'foreign')];
    const shown = (list: typeof foreign) =>
      versionsToShow({ versionList: list }, 'toybox').map(({ id }) => id);
    expect(shown(foreign)).toEqual(['g']);
    expect(shown([...foreign, ...versionList])).toEqual(['c', 'd']);
  });

  test('is called by its token', () => {
    expect(titlesOf([{ token: '<my-cat>', versionList }]).get('c')).toBe('<my-cat>');
  });

  test('comes and goes', () => {
    expect(toggledId(['a'], 'b')).toEqual(['a', 'b']);
    expect(toggledId(['a', 'b'], 'a')).toEqual(['b']);
  });
});
