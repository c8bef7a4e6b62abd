import { expect, test } from 'vitest';
import { idsBetween } from '../../../src-renderer/ui/useSelection.ts';

test('a choice that reaches far reads the list in parts, and knows every place', async () => {
  const asked: [offset: number, limit: number][] = [];
  const ids = await idsBetween(
    async (offset, limit) => {
      asked.push([offset, limit]);
      return Array.from({ length: limit }, (_, place) => `id-${offset + place}`);
    },
    3,
    1203,
  );
  expect(asked).toEqual([
    [3, 500],
    [503, 500],
    [1003, 201],
  ]);
  expect(ids.size).toBe(1201);
  expect([ids.get(3), ids.get(503), ids.get(1203), ids.get(1204)]).toEqual([
    ...['id-3', 'id-503', 'id-1203', undefined],
  ]);
});

test('a choice ends at what one call takes', async () => {
  const ids = await idsBetween(async (offset, limit) => Array(limit).fill(`${offset}`), 0, 50_000);
  expect(ids.size).toBe(10_000);
});
