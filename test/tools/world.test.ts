import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../src-main/engine/checkpoint/tokenizerFiles.ts';
import { parseSamplesText } from '../../src-shared/samples.ts';
import { placeNames } from '../../tools/toybox/world/backgrounds.ts';
import { captionWords } from '../../tools/toybox/world/captions.ts';
import {
  heldOutPairs,
  isHeldOutLook,
  isHeldOutPair,
  sampleConcepts,
} from '../../tools/toybox/world/heldOut.ts';
import { colourNames } from '../../tools/toybox/world/palette.ts';
import { patternNames } from '../../tools/toybox/world/patterns.ts';
import { composeScene, paintScene } from '../../tools/toybox/world/scenes.ts';
import { classNames } from '../../tools/toybox/world/things.ts';
import { photographAll, sampleIndex } from '../../tools/toybox/world/writeConcepts.ts';

const assets = resolve(import.meta.dirname, '../../assets');
const scenes = await Promise.all(
  Array.from({ length: 300 }, (_, index) => composeScene(31 * 2 ** 32 + index)),
);

describe('the world', () => {
  test('has as many classes, places, colours and patterns as promised', () => {
    expect(classNames.length).toBeGreaterThanOrEqual(20);
    expect(placeNames.length).toBeGreaterThanOrEqual(10);
    expect(colourNames.length).toBeGreaterThanOrEqual(10);
    expect(patternNames.length).toBeGreaterThanOrEqual(7);
    expect(sampleConcepts.length).toBeGreaterThanOrEqual(8);
  });

  test('shows the same scene for the same seed, and another for another', async () => {
    const [first, again, other] = await Promise.all([5, 5, 6].map((seed) => composeScene(seed)));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(await paintScene(again, 64)).toEqual(await paintScene(first, 64));
  });

  test('never shows what is held out', () => {
    for (const { things } of scenes) {
      const [first, second] = things.map(({ individual }) => individual);
      for (const thing of [first, second].filter(Boolean)) {
        expect(isHeldOutLook(thing.className, thing.look)).toBe(false);
      }
      if (second) expect(isHeldOutPair(first.className, second.className)).toBe(false);
    }
  });

  test('holds out a share of the pairs of every class', () => {
    for (const name of classNames) {
      const count = heldOutPairs.filter((pair) => pair.includes(name)).length;
      expect(count, name).toBeGreaterThanOrEqual(3);
      expect(count, name).toBeLessThanOrEqual(8);
    }
  });

  test('keeps things inside the picture and apart', () => {
    for (const { bounds } of scenes) {
      for (const [left, top, right, bottom] of bounds) {
        expect(Math.min(left, top, 1 - right, 1 - bottom)).toBeGreaterThanOrEqual(0);
        expect(right - left).toBeGreaterThan(0.1);
      }
    }
  });
});

describe('captions', () => {
  const tokenizer = loadTokenizer(resolve(assets, 'toybox/tokenizer'));

  test('name every thing of the picture', () => {
    for (const { caption, things } of scenes) {
      for (const { individual } of things) expect(caption).toContain(individual.className);
    }
  });

  test('fit the text encoder', () => {
    for (const { caption } of scenes) expect(tokenizer.encode(caption).overflow).toBe('');
  });

  test('consist of words that are one token each', () => {
    for (const word of captionWords) expect(tokenizer.idsOfWord(word), word).toHaveLength(1);
  });

  test('say the sides as they are', () => {
    const told = scenes.filter(({ caption }) => / to the (left|right) of /.test(caption));
    expect(told.length).toBeGreaterThan(5);
    for (const { caption, things, bounds } of told) {
      const [before, after] = caption.split(/ to the (?:left|right) of /);
      const middle = (part: string) => {
        const index = things.findIndex(({ individual }) => part.includes(individual.className));
        return (bounds[index][0] + bounds[index][2]) / 2;
      };
      const sameClass = things[0].individual.className === things[1].individual.className;
      if (sameClass) continue;
      const isLeft = middle(before) < middle(after);
      expect(isLeft, caption).toBe(caption.includes('to the left of'));
    }
  });
});

describe('the sample concepts', () => {
  test('look as nothing in training does', () => {
    for (const { className, look } of sampleConcepts) {
      expect(isHeldOutLook(className, look)).toBe(true);
    }
  });

  test('are photographed bit for bit as they lie in assets', async () => {
    const photos = await photographAll();
    for (const { path, png } of photos) {
      expect(png.equals(readFileSync(resolve(assets, 'samples', path))), path).toBe(true);
    }
    const lying = readdirSync(resolve(assets, 'samples'), { recursive: true, encoding: 'utf8' });
    expect(lying.filter((name) => name.endsWith('.png'))).toHaveLength(photos.length);
  });

  test('stand in the index with four to six photos each', () => {
    const path = resolve(assets, 'samples/samples.json');
    const text = readFileSync(path, 'utf8');
    expect(text).toBe(sampleIndex());
    for (const { name } of parseSamplesText(text, path)) {
      const folder = resolve(assets, 'samples', name);
      expect(existsSync(folder), folder).toBe(true);
      expect(readdirSync(folder).length).toBeGreaterThanOrEqual(4);
      expect(readdirSync(folder).length).toBeLessThanOrEqual(6);
    }
  });
});
