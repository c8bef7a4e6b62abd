import { describe, expect, test } from 'vitest';
import { clipOf, shareAfterKey, shareAt } from '../../src-renderer/compare/sliderGeometry.ts';
import { chanceText, votesNeeded, voteVerdict } from '../../src-renderer/compare/voteText.ts';
import type { VoteResult } from '../../src-shared/vote.ts';

function result(firstWins: number, secondWins: number, ties = 0, pValue = 1): VoteResult {
  return { first: 'both', second: 'plain', firstWins, secondWins, ties, remaining: 3, pValue };
}

describe('a verdict', () => {
  test.each([
    [result(8, 2, 0, 0.109), 'Semantic + spatial preferred 8 of 10', 'p = 0.11: could be chance'],
    [result(1, 9, 2, 0.0215), 'Plain preferred 9 of 10; 2 ties left out', 'p = 0.02: unlikely'],
    [result(3, 3, 1), 'Semantic + spatial and Plain equally often, 3 of 6 each', 'p = 1.00'],
    [result(0, 0, 1), 'No preference in 1 vote', 'All were ties'],
    [result(0, 0), 'No votes yet', 'Nothing can be said.'],
  ])('of %j', (votes, finding, weight) => {
    const verdict = voteVerdict(votes);
    expect(verdict.finding).toContain(finding);
    expect(verdict.weight).toContain(weight);
  });

  test.each([
    [0.5, 'p = 0.50: could be chance'],
    [0.05, 'p = 0.05: could be chance'],
    [0.03, 'p = 0.03: unlikely to be chance'],
    [0.004, 'p = 0.004: very unlikely to be chance'],
    [0.00001, 'p < 0.001: very unlikely to be chance'],
  ])('reads a probability of %d', (pValue, text) => {
    expect(chanceText(pValue)).toBe(text);
  });

  test('says how many votes it takes at least', () => {
    expect(votesNeeded(result(0, 0))).toBe(6);
    expect(votesNeeded(result(8, 2))).toBe(2);
    expect(votesNeeded(result(9, 1))).toBe(0);
  });
});

describe('the line between two pictures', () => {
  const edges = { left: 100, right: 300 };

  test('follows the pointer and stays on the picture', () => {
    expect(shareAt(150, edges)).toBe(0.25);
    expect(shareAt(20, edges)).toBe(0);
    expect(shareAt(500, edges)).toBe(1);
    expect(shareAt(5, { left: 3, right: 3 })).toBe(0.5);
  });

  test('goes by keys', () => {
    expect(shareAfterKey(0.5, 'ArrowLeft', false)).toBe(0.49);
    expect(shareAfterKey(0.5, 'ArrowRight', true)).toBe(0.6);
    expect(shareAfterKey(0.95, 'PageUp', false)).toBe(1);
    expect(shareAfterKey(0.3, 'Home', false)).toBe(0);
    expect(shareAfterKey(0.3, 'End', false)).toBe(1);
    expect(shareAfterKey(0.3, 'a', false)).toBeUndefined();
  });

  test('cuts the upper picture', () => {
    expect(clipOf(0.25)).toBe('inset(0 0 0 25.00%)');
  });
});
