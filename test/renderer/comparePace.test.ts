import { expect, test } from 'vitest';
import { createPace } from '../../src-renderer/compare/pace.ts';

test('the time that is left follows the pace, and begins where a batch goes on', () => {
  let time = 0;
  const pace = createPace(() => time);
  expect(pace(8, 16)).toBeUndefined();
  time = 1000;
  expect(pace(8.9, 16)).toBeUndefined();
  time = 10_000;
  expect(pace(8.1, 16)).toBeUndefined();
  expect(pace(10, 16)).toBe(30);
  expect(pace(16, 16)).toBe(0);
});
