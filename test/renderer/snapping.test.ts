import { describe, expect, test } from 'vitest';
import type { Rect } from '../../src-renderer/compose/boxGeometry.ts';
import { tidy } from '../../src-renderer/compose/boxGeometry.ts';
import { snapMove, snapPoint, snapResize } from '../../src-renderer/compose/snapping.ts';

const field = { others: [] as Rect[], reach: 0.02, cells: 16 };

describe('a box that is moved catches', () => {
  test.each<[string, Rect, Rect]>([
    ['the left side of the picture', [0.015, 0.33, 0.315, 0.63], [0, 0.33, 0.3, 0.63]],
    ['the right side', [0.69, 0.23, 0.985, 0.64], [0.705, 0.23, 1, 0.64]],
    ['the middle with its middle', [0.36, 0.1, 0.66, 0.39], [0.35, 0.1, 0.65, 0.39]],
  ])('%s', (_, rect, expected) => {
    expect(tidy(snapMove(rect, { ...field, cells: 1 }).rect)).toEqual(expected);
  });

  test('sides and middles of other boxes, and shows the lines', () => {
    const others: Rect[] = [[0.1, 0.2, 0.43, 0.71]];
    const { rect, lines } = snapMove([0.44, 0.21, 0.8, 0.6], { ...field, others });
    expect(tidy(rect)).toEqual([0.43, 0.2, 0.79, 0.59]);
    expect(lines).toEqual([
      { axis: 'x', at: 0.43 },
      { axis: 'y', at: 0.2 },
    ]);
  });

  test('the grid where nothing else is near, without lines', () => {
    const { rect, lines } = snapMove([0.13, 0.26, 0.43, 0.58], field);
    expect(tidy(rect)[0]).toBe(0.125);
    expect(lines).toEqual([]);
  });

  test('nothing out of reach', () => {
    const rect: Rect = [0.155, 0.155, 0.33, 0.33];
    expect(snapMove(rect, { ...field, reach: -1 })).toEqual({ rect, lines: [] });
    expect(tidy(snapMove([0.03, 0.03, 0.28, 0.29], { ...field, cells: 1 }).rect)).toEqual([
      0.03, 0.03, 0.28, 0.29,
    ]);
  });

  test('the nearest of several lines', () => {
    const others: Rect[] = [
      [0.2, 0, 0.312, 0.1],
      [0.2, 0, 0.305, 0.1],
    ];
    const { rect } = snapMove([0.306, 0.5, 0.7, 0.9], { ...field, others });
    expect(tidy(rect)[0]).toBe(0.305);
  });
});

describe('a box that is resized', () => {
  test('catches with the sides of its handle alone', () => {
    const others: Rect[] = [[0.1, 0.1, 0.62, 0.3]];
    const { rect, lines } = snapResize([0.11, 0.4, 0.61, 0.93], 'e', { ...field, others });
    expect(tidy(rect)).toEqual([0.11, 0.4, 0.62, 0.93]);
    expect(lines).toEqual([{ axis: 'x', at: 0.62 }]);
  });

  test('catches with both sides of a corner', () => {
    const { rect } = snapResize([0.2, 0.2, 0.99, 0.985], 'se', field);
    expect(tidy(rect)).toEqual([0.2, 0.2, 1, 1]);
  });
});

test('a corner that is drawn catches on lines', () => {
  expect(snapPoint({ x: 0.49, y: 0.01 }, field)).toEqual({
    point: { x: 0.5, y: 0 },
    lines: [
      { axis: 'x', at: 0.5 },
      { axis: 'y', at: 0 },
    ],
  });
});
