import { describe, expect, test } from 'vitest';
import {
  enlarged,
  layOutGrid,
  slicesFor,
  tileAfterKey,
} from '../../../src-renderer/ui/gridLayout.ts';

const tiles = { atLeast: 180, gap: 12, caption: 40 };

describe('layOutGrid', () => {
  test('fills the width with whole tiles', () => {
    const { columns, side, rowHeight, rows } = layOutGrid(1000, 100_000, tiles);
    expect(columns).toBe(5);
    expect(columns * side + (columns - 1) * tiles.gap).toBeLessThanOrEqual(1000);
    expect((columns + 1) * tiles.atLeast + columns * tiles.gap).toBeGreaterThan(1000);
    expect(rowHeight).toBe(side + 52);
    expect(rows).toBe(20_000);
  });

  test.each([0, 1, 179])('has one column where only %i pixels are there', (width) => {
    expect(layOutGrid(width, 3, tiles)).toMatchObject({ columns: 1, rows: 3 });
  });
});

test('larger text makes larger tiles', () => {
  expect(enlarged(tiles, 1)).toEqual(tiles);
  expect(enlarged(tiles, 1.375)).toEqual({ atLeast: 248, gap: 17, caption: 55 });
});

describe('tileAfterKey', () => {
  // Rows of 4: 0-3, 4-7, 8-9.
  const grid = { columns: 4, count: 10, pageRows: 2 };
  test.each([
    ['ArrowRight', 3, 4],
    ['ArrowLeft', 0, 0],
    ['ArrowRight', 9, 9],
    ['ArrowUp', 6, 2],
    ['ArrowUp', 2, 2],
    ['ArrowDown', 1, 5],
    ['ArrowDown', 5, 9],
    ['ArrowDown', 7, 9],
    ['ArrowDown', 8, 8],
    ['PageDown', 1, 9],
    ['PageUp', 9, 1],
    ['PageUp', 5, 1],
    ['Home', 7, 0],
    ['End', 2, 9],
  ])('%s leads from tile %i to %i', (key, from, to) => {
    expect(tileAfterKey(key, from, grid)).toBe(to);
  });

  test('leaves other keys alone', () => {
    expect(tileAfterKey('a', 3, grid)).toBeUndefined();
    expect(tileAfterKey('toString', 3, grid)).toBeUndefined();
    expect(tileAfterKey('Home', 0, { ...grid, count: 0 })).toBeUndefined();
  });
});

describe('slicesFor', () => {
  test.each([
    [0, 10, [0]],
    [190, 210, [100, 200]],
    [950, 5000, [900]],
    [-20, 99, [0]],
    [100, 199, [100]],
  ])('of tiles %i to %i', (first, last, offsets) => {
    expect(slicesFor(first, last, 1000, 100)).toEqual(offsets);
  });

  test('of nothing are none', () => {
    expect(slicesFor(0, 50, 0, 100)).toEqual([]);
  });
});
