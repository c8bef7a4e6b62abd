import { expect, test } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { rowsAtStrength } from '../../../src-main/engine/diffusion/strength.ts';

const size = 24;
const random = RandomStream.create(0, 'strength');
const rows = random.normal(2 * size).map((value) => 3 * value);
const classRow = random.normal(size);
const row = (values: Float32Array, index: number) =>
  values.subarray(index * size, (index + 1) * size);
const length = (values: Float32Array) => Math.hypot(...values);
const angle = (a: Float32Array, b: Float32Array) =>
  Math.acos(a.reduce((sum, value, index) => sum + value * b[index], 0) / (length(a) * length(b)));

test('at full strength the very same rows', () => {
  expect(rowsAtStrength(rows, classRow, 1)).toBe(rows);
});

test('at no strength the class word, bit for bit, in place of every vector', () => {
  const moved = rowsAtStrength(rows, classRow, 0);
  expect(row(moved, 0)).toEqual(classRow);
  expect(row(moved, 1)).toEqual(classRow);
});

test.each([0.25, 0.5, 0.75, 1.25, 1.5])(
  'at %f length and angle go the same share of the way',
  (share) => {
    const moved = rowsAtStrength(rows, classRow, share);
    for (const index of [0, 1]) {
      const [trained, own] = [row(rows, index), row(moved, index)];
      const expected = (1 - share) * length(classRow) + share * length(trained);
      expect(length(own)).toBeCloseTo(expected, 4);
      expect(angle(own, classRow)).toBeCloseTo(share * angle(trained, classRow), 4);
      // in the plane of the two
      const turned = Math.abs(angle(own, trained) - Math.abs(1 - share) * angle(trained, classRow));
      expect(turned).toBeLessThan(1e-4);
    }
  },
);

test('a row of zeros and a row of the class word itself go straight', () => {
  const zeros = new Float32Array(size);
  expect(rowsAtStrength(zeros, classRow, 0.5)).toEqual(classRow.map((value) => value / 2));
  expect(rowsAtStrength(classRow.slice(), zeros, 0.5)).toEqual(classRow.map((value) => value / 2));
  const same = rowsAtStrength(classRow.slice(), classRow, 0.5);
  for (const [place, value] of same.entries()) expect(value).toBeCloseTo(classRow[place], 5);
});
