import type { VoteResult } from '../../src-shared/vote.ts';
import { wayNames } from './ways.ts';

/** What the votes say, in words. */

export interface VoteVerdict {
  /** "semantic + spatial preferred 8 of 10" */
  readonly finding: string;
  /** "p = 0.11: could be chance" */
  readonly weight: string;
}

export function voteVerdict(result: VoteResult): VoteVerdict {
  const { firstWins, secondWins, ties } = result;
  const decided = firstWins + secondWins;
  if (decided + ties === 0) return { finding: 'No votes yet', weight: 'Nothing can be said.' };
  if (decided === 0) {
    return {
      finding: `No preference in ${counted(ties, 'vote')}`,
      weight: 'All were ties; nothing can be said.',
    };
  }
  const apart = ties > 0 ? `; ${counted(ties, 'tie')} left out` : '';
  return { finding: `${preference(result)}${apart}`, weight: chanceText(result.pValue) };
}

/** How a probability is to be read, by the usual limits. */
export function chanceText(pValue: number): string {
  const p = pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(pValue < 0.0095 ? 3 : 2)}`;
  if (pValue < 0.01) return `${p}: very unlikely to be chance`;
  if (pValue < 0.05) return `${p}: unlikely to be chance`;
  return `${p}: could be chance`;
}

/** Votes that a perfect preference still needs before it is more than chance: 2 / 2^n < 0.05. */
export function votesNeeded({ firstWins, secondWins }: VoteResult): number {
  const least = Math.min(firstWins, secondWins);
  const most = Math.max(firstWins, secondWins);
  for (let extra = 0; extra < 1000; extra++) {
    if (signTest(most + extra, least) < 0.05) return extra;
  }
  return 1000;
}

/** Two-sided sign test of a split. */
function signTest(most: number, least: number): number {
  const total = most + least;
  let term = 0.5 ** total;
  let tail = 0;
  for (let wins = 0; wins <= least; wins++) {
    tail += term;
    term = (term * (total - wins)) / (wins + 1);
  }
  return Math.min(1, 2 * tail);
}

function preference({ first, second, firstWins, secondWins }: VoteResult): string {
  const decided = firstWins + secondWins;
  if (firstWins === secondWins) {
    return `${wayNames[first]} and ${wayNames[second]} equally often, ${firstWins} of ${decided} each`;
  }
  const winner = firstWins > secondWins ? first : second;
  return `${wayNames[winner]} preferred ${Math.max(firstWins, secondWins)} of ${decided}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
