import * as z from 'zod';
import { comparisonWays } from './composition.ts';
import { blobHash, rowId } from './ids.ts';

/** Blind votes on pairs of pictures from one seed: the paper's user study, in the studio. */

/** Two pictures of one comparison, in a random order that the voter is not told. */
export const ballot = z.strictObject({
  comparisonId: rowId,
  prompt: z.string(),
  left: blobHash,
  right: blobHash,
  /** Photos of the concept, to judge by. */
  photos: z.array(blobHash),
});

export type Ballot = z.infer<typeof ballot>;

export const choices = ['left', 'right', 'neither'] as const;

/** Two-sided sign test (Dixon and Mood 1946); ties are left out. */
export const voteResult = z.strictObject({
  first: z.enum(comparisonWays),
  second: z.enum(comparisonWays),
  firstWins: z.int().nonnegative(),
  secondWins: z.int().nonnegative(),
  ties: z.int().nonnegative(),
  /** Ballots that are left to vote on. */
  remaining: z.int().nonnegative(),
  /** Probability of a split at least this uneven if both were equally good. */
  pValue: z.number().min(0).max(1),
});

export type VoteResult = z.infer<typeof voteResult>;
