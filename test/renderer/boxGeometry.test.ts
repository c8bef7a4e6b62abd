import { describe, expect, test } from 'vitest';
import {
  describeRect,
  handlePoint,
  handles,
  isLargeEnough,
  leastSide,
  moved,
  type Rect,
  resized,
  spanned,
  tidy,
} from '../../src-renderer/compose/boxGeometry.ts';

const rect: Rect = [0.2, 0.3, 0.6, 0.9];

describe('a box', () => {
  test('is spanned from any corner, inside the picture', () => {
    expect(spanned({ x: 0.8, y: 0.1 }, { x: 0.2, y: 1.4 })).toEqual([0.2, 0.1, 0.8, 1]);
    expect(spanned({ x: -0.5, y: 0.5 }, { x: 0.5, y: 0.6 })).toEqual([0, 0.5, 0.5, 0.6]);
  });

  test('keeps its size when it is pushed against a side', () => {
    expect(tidy(moved(rect, 0.9, -0.9))).toEqual([0.6, 0, 1, 0.6]);
    expect(tidy(moved(rect, -0.1, 0.05))).toEqual([0.1, 0.35, 0.5, 0.95]);
  });

  test.each(handles)('follows the handle %s with its sides alone', (handle) => {
    const [x0, y0, x1, y1] = resized(rect, handle, 0.01, 0.02);
    expect(x0).toBeCloseTo(handle.includes('w') ? 0.21 : 0.2);
    expect(x1).toBeCloseTo(handle.includes('e') ? 0.61 : 0.6);
    expect(y0).toBeCloseTo(handle.startsWith('n') ? 0.32 : 0.3);
    expect(y1).toBeCloseTo(handle.startsWith('s') ? 0.92 : 0.9);
  });

  test('never turns inside out or leaves the picture', () => {
    expect(resized(rect, 'nw', 5, 5)).toEqual([0.6 - leastSide, 0.9 - leastSide, 0.6, 0.9]);
    expect(resized(rect, 'se', -5, 5)).toEqual([0.2, 0.3, 0.2 + leastSide, 1]);
  });

  test('has handles at its corners and in the middle of its sides', () => {
    expect(handlePoint(rect, 'nw')).toEqual({ x: 0.2, y: 0.3 });
    expect(handlePoint(rect, 'e').x).toBe(0.6);
    expect(handlePoint(rect, 'e').y).toBeCloseTo(0.6);
    expect(handlePoint(rect, 's').x).toBeCloseTo(0.4);
  });

  test('is large enough from the least side on', () => {
    expect(isLargeEnough([0, 0, leastSide, leastSide])).toBe(true);
    expect(isLargeEnough([0, 0, leastSide, leastSide / 2])).toBe(false);
  });

  test('is described in words', () => {
    expect(describeRect(rect)).toBe('left 20 %, top 30 %, 40 % wide, 60 % high');
  });
});
