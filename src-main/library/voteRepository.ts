import type { ComparisonWay } from '../../src-shared/composition.ts';
import type { StudioRequest } from '../../src-shared/studioApi.ts';
import type { Ballot, VoteResult } from '../../src-shared/vote.ts';

/**
 * Blind votes. A ballot is a pair of pictures of one kept comparison; every comparison is voted on once for each pair of
 * ways, in whichever order the pair is named.
 */
export interface VoteRepository {
  /** A ballot that is left, drawn at random, with its sides at random; absent when all are voted on. */
  next(first: ComparisonWay, second: ComparisonWay): Ballot | undefined;
  /** @throws InputError for pictures that are not the comparison's pair, and for a vote that was cast already */
  cast(vote: StudioRequest<'castVote'>): VoteResult;
  result(first: ComparisonWay, second: ComparisonWay): VoteResult;
}
