import { describe, expect, test } from 'vitest';
import { doOverlap, placeLabels } from '../../../src-renderer/map/labelPlacement.ts';
import { seededRandom } from '../../support/seededRandom.ts';

const window = { width: 600, height: 400 };
const wish = (text: string, x: number, y: number) => ({ text, x, y, width: 60, height: 16 });
const boxes = (placed: ReturnType<typeof placeLabels>) =>
  placed.map(({ left, top, wish: { width, height } }) => {
    return { left, top, right: left + width, bottom: top + height };
  });

describe('placeLabels', () => {
  test('puts a label to the right of its point, at its height', () => {
    expect(placeLabels([wish('cat', 100, 100)], window)).toMatchObject([{ left: 107, top: 92 }]);
  });

  test('turns to the left at the right edge, and below at the top', () => {
    const [atRight, atTop] = placeLabels([wish('a', 590, 200), wish('b', 300, 2)], window);
    expect(atRight.left).toBe(590 - 7 - 60);
    expect(atTop.top).toBe(10);
  });

  test('serves the first first, and leaves out what finds no place', () => {
    const crowd = Array.from({ length: 9 }, (_, index) => wish(`word ${index}`, 300, 200));
    expect(placeLabels(crowd, window).map(({ wish: { text } }) => text)).toEqual([
      'word 0',
      'word 1',
      'word 2',
      'word 3',
    ]);
  });

  test('keeps what is taken free', () => {
    const taken = [{ left: 100, top: 80, right: 200, bottom: 120 }];
    expect(placeLabels([wish('cat', 98, 100)], window, taken)).toMatchObject([{ left: 31 }]);
  });

  test('never lets two overlap or leave the window, wherever the points are', () => {
    const random = seededRandom(7);
    const wishes = Array.from({ length: 2000 }, (_, index) => ({
      ...wish(`${index}`, random() * 600, random() * 400),
      width: 10 + random() * 90,
    }));
    const placed = boxes(placeLabels(wishes, window));
    expect(placed.length).toBeGreaterThan(40);
    const pairs = placed.flatMap((one, index) =>
      placed.slice(index + 1).filter((other) => doOverlap(one, other)),
    );
    expect(pairs).toEqual([]);
    expect(placed.filter(({ left, right }) => left < 0 || right > 600)).toEqual([]);
  });

  test('stops at the limit', () => {
    const wishes = [wish('a', 100, 100), wish('b', 100, 200), wish('c', 100, 300)];
    expect(placeLabels(wishes, window, [], 2)).toHaveLength(2);
  });
});
