import type { VoteResult } from '../../src-shared/vote.ts';
import { votesNeeded, voteVerdict } from './voteText.ts';
import { wayNames } from './ways.ts';

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
        className="flex h-3 overflow-hidden rounded-full bg-line"
      >
        <span className="bg-accent" style={{ flexGrow: firstWins }} />
        <span className="bg-edge" style={{ flexGrow: ties }} />
        <span className="bg-second" style={{ flexGrow: secondWins }} />
      </div>
      <div className="flex justify-between text-sm text-muted" aria-hidden="true">
        <span>
          {wayNames[first]} {firstWins}
        </span>
        {ties > 0 && <span>ties {ties}</span>}
        <span>
          {wayNames[second]} {secondWins}
        </span>
      </div>
    </div>
  );
}
