import { expect, test } from 'vitest';
import { guidedStepsOf } from '../../src-shared/guidedSteps.ts';

test('a layout guides a fifth of the steps, as the released code does with its 50', () => {
  const guided = [50, 35, 25, 20, 4, 1].map((steps) => guidedStepsOf({ steps, official: false }));
  expect(guided).toEqual([10, 7, 5, 4, 1, 1]);
});

test('the released code guides ten steps, however many there are', () => {
  expect(guidedStepsOf({ steps: 25, official: true })).toBe(10);
});

test('what was said counts, none included', () => {
  expect(guidedStepsOf({ steps: 25, official: false, guidedSteps: 12 })).toBe(12);
  expect(guidedStepsOf({ steps: 25, official: true, guidedSteps: 0 })).toBe(0);
});
