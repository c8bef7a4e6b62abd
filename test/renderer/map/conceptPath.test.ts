import { describe, expect, test } from 'vitest';
import {
  describePath,
  lineOf,
  markedPoints,
  summaryOf,
} from '../../../src-renderer/map/conceptPath.ts';

const core = { x: 0, y: 0, major: 2, minor: 1, angle: 0 };
const drifting = [0, 1, 2, 3, 4].map((x) => ({ step: x * 50, x, y: 0 }));

describe('what became of a concept', () => {
  test('that left the core', () => {
    expect(summaryOf(drifting, core)).toEqual({ start: 0, end: 2, leftAtStep: 150 });
    expect(describePath(drifting, core)).toBe(
      'Leaves the core at step 150 and ends 2.0 times as far out as its edge.',
    );
  });

  test('that came back', () => {
    const back = [...drifting, { step: 250, x: 1, y: 0 }];
    expect(summaryOf(back, core)).toEqual({ start: 0, end: 0.5 });
    expect(describePath(back, core)).toBe('Ends inside the core, at 0.5 of the way to its edge.');
  });

  test('that was never inside', () => {
    expect(describePath([{ step: 400, x: 30, y: 0 }], core)).toBe(
      'Lies outside the core, 15 times as far out as its edge.',
    );
  });

  test('that began outside', () => {
    expect(describePath(drifting.slice(3), core)).toBe(
      'Began 1.5 times as far out as the edge of the core and ends at 2.0.',
    );
  });

  test('of which nothing is known', () => {
    expect(describePath([], core)).toContain('not known');
  });
});

test('marks stand apart, and the ends are always marked', () => {
  const dense = Array.from({ length: 101 }, (_, x) => ({ x, y: 0 }));
  expect(markedPoints(dense, 30).map(({ x }) => x)).toEqual([0, 30, 60, 90, 100]);
  expect(markedPoints([{ x: 1, y: 1 }], 30)).toHaveLength(1);
});

test('a line begins at its first point', () => {
  expect(lineOf(drifting.slice(0, 2))).toBe('M0.0,0.0 L1.0,0.0');
  expect(lineOf([])).toBe('');
});
