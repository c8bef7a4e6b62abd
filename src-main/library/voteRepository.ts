import { randomInt } from 'node:crypto';
import { type ComparisonWay, comparisonWays } from '../../src-shared/composition.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { StudioRequest } from '../../src-shared/studioApi.ts';
import type { Ballot, VoteResult } from '../../src-shared/vote.ts';
import { statementCache, transact, type WritableDatabase } from './database.ts';
import { signTest } from './signTest.ts';

/**
 * Blind votes. A ballot is a pair of pictures of one kept comparison; every comparison is voted on once for each pair of
 * ways, in whichever order the pair is named.
 */
export interface VoteRepository {
  /** A ballot that is left, drawn at random, with its sides at random; absent when all are voted on. */
  next(first: ComparisonWay, second: ComparisonWay): Ballot | undefined;
  /** @throws InputError for pictures that are not the comparison's pair, and for a vote that was cast already */
  cast(vote: StudioRequest<'castVote'>): VoteResult;
  /** @throws InputError where the pair was not voted on */
  retract(vote: StudioRequest<'retractVote'>): VoteResult;
  result(first: ComparisonWay, second: ComparisonWay): VoteResult;
}

interface PairRow {
  readonly comparison_id: string;
  readonly prompt: string;
  readonly settings: string;
  readonly first: BlobHash;
  readonly second: BlobHash;
}

type Winner = 'first' | 'second' | 'neither';

/** Pairs of pictures outside the trash, by (first way, second way). Equal pictures leave nothing to vote on. */
const pairs = `compositions AS a JOIN compositions AS b ON b.comparison_id = a.comparison_id
  AND b.trashed_at IS NULL AND b.picture <> a.picture
  WHERE a.comparison_id IS NOT NULL AND a.trashed_at IS NULL AND a.way = ? AND b.way = ?`;
const unvoted = `NOT EXISTS (SELECT 1 FROM votes WHERE votes.comparison_id = a.comparison_id
  AND votes.first = a.way AND votes.second = b.way)`;
const pairColumns = `a.comparison_id, a.prompt, a.settings, a.picture AS first, b.picture AS second`;

export function createVoteRepository(database: WritableDatabase): VoteRepository {
  const prepare = statementCache(database);

  const remaining = (pair: Pair) =>
    prepare<{ count: number }>(`SELECT count(*) AS count FROM ${pairs} AND ${unvoted}`).get(
      ...pair,
    )!.count;

  /** Thumbnails of the photos that the newest of the concepts was trained on. */
  function photosOf(settings: string): BlobHash[] {
    const sql = `SELECT thumbnail FROM version_photos JOIN concept_versions ON version_key = concept_versions.key
      WHERE concept_versions.id IN (SELECT value ->> '$.versionId' FROM json_each(?, '$.concepts'))
      ORDER BY version_key, position LIMIT 12`;
    return prepare<{ thumbnail: BlobHash }>(sql)
      .all(settings)
      .map(({ thumbnail }) => thumbnail);
  }

  function next(first: ComparisonWay, second: ComparisonWay): Ballot | undefined {
    const pair = ordered(first, second);
    const left = remaining(pair);
    if (left === 0) return undefined;
    const sql = `SELECT ${pairColumns} FROM ${pairs} AND ${unvoted} ORDER BY a.key LIMIT 1 OFFSET ?`;
    const row = prepare<PairRow>(sql).get(...pair, randomInt(left))!;
    const sides = randomInt(2) === 0 ? [row.first, row.second] : [row.second, row.first];
    return {
      comparisonId: row.comparison_id,
      prompt: row.prompt,
      left: sides[0],
      right: sides[1],
      photos: photosOf(row.settings),
    };
  }

  function winnerOf(vote: StudioRequest<'castVote'>, pair: Pair): Winner {
    const sql = `SELECT ${pairColumns} FROM ${pairs} AND a.comparison_id = ?
      AND a.picture IN (?, ?) AND b.picture IN (?, ?)`;
    const { comparisonId, left, right, choice } = vote;
    const row = prepare<PairRow>(sql).get(...pair, comparisonId, left, right, left, right);
    if (!row)
      throw new InputError('These pictures are not a pair of this comparison; go on to the next');
    if (choice === 'neither') return 'neither';
    return vote[choice] === row.first ? 'first' : 'second';
  }

  function cast(vote: StudioRequest<'castVote'>): VoteResult {
    const pair = ordered(vote.first, vote.second);
    const winner = winnerOf(vote, pair);
    const { changes } = prepare(
      `INSERT OR IGNORE INTO votes (comparison_id, first, second, winner, voted_at)
       VALUES (?, ?, ?, ?, ?)`,
    ).run(vote.comparisonId, ...pair, winner, Date.now());
    if (changes === 0) throw new InputError('This pair was voted on already; go on to the next');
    return result(vote.first, vote.second);
  }

  function retract({ comparisonId, first, second }: StudioRequest<'retractVote'>): VoteResult {
    const { changes } = prepare(
      `DELETE FROM votes WHERE comparison_id = ? AND first = ? AND second = ?`,
    ).run(comparisonId, ...ordered(first, second));
    if (changes === 0) throw new InputError('This pair was not voted on: there is nothing to undo');
    return result(first, second);
  }

  function result(first: ComparisonWay, second: ComparisonWay): VoteResult {
    const pair = ordered(first, second);
    const sql = `SELECT coalesce(sum(winner = ?), 0) AS count FROM votes WHERE first = ? AND second = ?`;
    const count = (winner: Winner) => prepare<{ count: number }>(sql).get(winner, ...pair)!.count;
    const [firstWins, secondWins] = [first, second].map((way) =>
      count(way === pair[0] ? 'first' : 'second'),
    );
    return {
      first,
      second,
      firstWins,
      secondWins,
      ties: count('neither'),
      remaining: remaining(pair),
      pValue: signTest(firstWins, secondWins),
    };
  }

  return { next, cast: (vote) => transact(database, () => cast(vote)), retract, result };
}

type Pair = readonly [ComparisonWay, ComparisonWay];

/** In the order of the four ways. @throws InputError where both are the same */
function ordered(first: ComparisonWay, second: ComparisonWay): Pair {
  if (first === second) throw new InputError(`Expected two different ways, got "${first}" twice`);
  const isInOrder = comparisonWays.indexOf(first) < comparisonWays.indexOf(second);
  return isInOrder ? [first, second] : [second, first];
}
