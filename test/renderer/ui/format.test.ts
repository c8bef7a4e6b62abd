import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatEstimate,
  formatNumber,
  formatRounded,
  formatWhen,
} from '../../../src-renderer/ui/format.ts';

describe('formats', () => {
  it('tell bytes in thousands with a unit', () => {
    expect([0, 999, 1000, 1_540_000, 123_400_000, 4_265_380_512].map(formatBytes)).toEqual([
      ...['0 B', '999 B', '1.0 kB', '1.5 MB', '123 MB', '4.3 GB'],
    ]);
  });

  it('never tell a thousand of a unit', () => {
    expect(formatBytes(999_999)).toBe('1.0 MB');
  });

  it('tell durations in at most two parts', () => {
    expect([0.4, 8, 59.6, 125, 3600, 4810].map(formatDuration)).toEqual([
      ...['0 s', '8 s', '1 min', '2 min 5 s', '1 h', '1 h 20 min'],
    ]);
  });

  it('tell estimates roughly', () => {
    expect([3, 42, 58, 170, 4800].map(formatEstimate)).toEqual([
      ...['a few seconds', 'about 40 s', 'about 1 min', 'about 3 min', 'about 1 h 20 min'],
    ]);
  });

  it('tell estimates in short where there is little room', () => {
    expect([1, 42, 170].map(formatRounded)).toEqual(['5 s', '40 s', '3 min']);
  });

  it('tell numbers with the digits that matter', () => {
    expect([0, 0.01234, 1.25, 12345.6, 0.00004, -0.5].map((value) => formatNumber(value))).toEqual([
      ...['0', '0.0123', '1.25', '12,346', '4.0e-5', '-0.5'],
    ]);
    expect(formatNumber(Number.NaN)).toBe('-');
  });

  it('tell one and many', () => {
    expect([formatCount(1, 'photo'), formatCount(1200, 'photo')]).toEqual([
      ...['1 photo', '1,200 photos'],
    ]);
    expect(formatCount(2, 'box', 'boxes')).toBe('2 boxes');
  });

  it('tell when something was', () => {
    const now = Date.UTC(2026, 4, 20, 12);
    const ago = (seconds: number) => formatWhen(now - seconds * 1000, now);
    expect([5, 300, 7200, 90_000].map(ago)).toEqual([
      ...['just now', '5 min ago', '2 h ago', 'yesterday'],
    ]);
    expect(ago(40 * 86_400)).toBe('10 Apr 2026');
  });
});
