import type { ReactNode } from 'react';
import type { VoteResult } from '../../src-shared/vote.ts';
import { votesNeeded, voteVerdict } from './voteText.ts';
import { wayNames } from './ways.ts';

const shades = { first: 'bg-ink/80', second: 'bg-ink/40' } as const;

/** The split of the votes and how much it proves. */
export function VoteOutcome({ result }: { result: VoteResult }) {
  const { finding, weight } = voteVerdict(result);
  const { first, second, firstWins, secondWins, ties } = result;
  const needed = votesNeeded(result);
  return (
    <div className="mt-3 flex max-w-xl flex-col gap-3">
      <p className="text-lg font-semibold">{finding}</p>
      <p>
        {weight}
        {needed > 0 && firstWins + secondWins > 0 && (
          <span className="text-muted">
            {' '}
            (two-sided sign test; at least {needed} more {needed === 1 ? 'vote' : 'votes'} would
            tell)
          </span>
        )}
      </p>
      <div
        role="img"
        aria-label={`${wayNames[first]} ${firstWins}, ties ${ties}, ${wayNames[second]} ${secondWins}`}
        className="flex h-3 gap-px overflow-hidden rounded-full bg-line"
      >
        {/* shades of ink: neither way is the right one */}
        <span className={shades.first} style={{ flexGrow: firstWins }} />
        <span style={{ flexGrow: ties }} />
        <span className={shades.second} style={{ flexGrow: secondWins }} />
      </div>
      <div className="flex justify-between text-sm text-muted" aria-hidden="true">
        <Count shade={shades.first}>
          {wayNames[first]} {firstWins}
        </Count>
        {ties > 0 && <Count shade="bg-line">ties {ties}</Count>}
        <Count shade={shades.second}>
          {wayNames[second]} {secondWins}
        </Count>
      </div>
    </div>
  );
}

function Count({ shade, children }: { shade: string; children: ReactNode }) {
  return (
    <span className="flex items-center gap-1.5">
      <span className={`size-2.5 rounded-sm ${shade}`} />
      {children}
    </span>
  );
}
