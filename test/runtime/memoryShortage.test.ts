import { totalmem } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { memoryIsShort } from '../../src-main/engine/runtime/memoryShortage.ts';

afterEach(() => vi.restoreAllMocks());

test('memory is short for a process that holds a large part of it, or of what it is allowed', () => {
  const rss = vi.spyOn(process.memoryUsage, 'rss');
  rss.mockReturnValue(totalmem() / 2);
  expect(memoryIsShort()).toBe(true);
  rss.mockReturnValue(64 * 2 ** 20);
  vi.spyOn(process, 'constrainedMemory').mockReturnValue(128 * 2 ** 20);
  expect(memoryIsShort()).toBe(true);
});
