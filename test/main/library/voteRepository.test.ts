import { expect, test } from 'vitest';
import type { Library } from '../../../src-main/library/library.ts';
import { signTest } from '../../../src-main/library/signTest.ts';
import { type ComparisonWay, comparisonWays } from '../../../src-shared/composition.ts';
import { type Ballot, ballot, voteResult } from '../../../src-shared/vote.ts';
import {
  compositionNamed,
  createConcept,
  putText,
  testLibraries,
  versionNamed,
} from '../../support/testLibrary.ts';

const { open } = testLibraries();

async function keepComparison(library: Library, tag: string, versionId?: string) {
  const concepts = versionId ? [{ versionId, token: '<minka>', strength: 1 }] : [];
  const parts = comparisonWays.map(async (way) => ({
    ...(await compositionNamed(library, `${tag} ${way}`, { concepts })),
    way,
  }));
  return library.compositions.keepComparison(await Promise.all(parts));
}

/** Votes for the way of which the picture says so. */
async function voteFor(library: Library, way: ComparisonWay, shown: Ballot) {
  const { comparisonId, left, right } = shown;
  const picture = (await library.blobs.read(left)).toString();
  const choice = picture.endsWith(` ${way}`) ? 'left' : 'right';
  const pair = { first: 'plain', second: 'both' } as const;
  return library.votes.cast({ comparisonId, left, right, choice, ...pair });
}

test('each pair is voted on once, and the result says who wins', async () => {
  const library = open();
  const { votes } = library;
  for (const tag of ['a', 'b', 'c']) await keepComparison(library, tag);
  expect(votes.result('plain', 'both')).toEqual({
    ...{ first: 'plain', second: 'both', firstWins: 0, secondWins: 0, ties: 0, remaining: 3 },
    pValue: 1,
  });
  for (const way of ['both', 'both', 'plain'] as const) {
    const shown = votes.next('plain', 'both')!;
    expect(ballot.parse(shown)).toEqual(shown);
    const result = await voteFor(library, way, shown);
    expect(voteResult.parse(result)).toEqual(result);
    await expect(voteFor(library, way, shown)).rejects.toThrow('voted on already');
  }
  expect(votes.next('plain', 'both')).toBeUndefined();
  expect(votes.next('both', 'plain')).toBeUndefined();
  const result = { firstWins: 1, secondWins: 2, ties: 0, remaining: 0, pValue: 1 };
  expect(votes.result('plain', 'both')).toMatchObject(result);
  expect(votes.result('both', 'plain')).toMatchObject({ ...result, firstWins: 2, secondWins: 1 });
  expect(votes.result('semantic', 'both').remaining).toBe(3);
});

test('a vote is taken back, and its pair is on the ballot again', async () => {
  const library = open();
  const { votes } = library;
  await keepComparison(library, 'a');
  const shown = votes.next('plain', 'both')!;
  await voteFor(library, 'both', shown);
  const vote = { comparisonId: shown.comparisonId, first: 'both', second: 'plain' } as const;
  expect(votes.retract(vote)).toMatchObject({ firstWins: 0, secondWins: 0, remaining: 1 });
  expect(votes.next('plain', 'both')?.comparisonId).toBe(shown.comparisonId);
  expect(() => votes.retract(vote)).toThrow('nothing to undo');
});

test('a tie is a vote', async () => {
  const library = open();
  await keepComparison(library, 'a');
  const { comparisonId, left, right } = library.votes.next('spatial', 'semantic')!;
  const pair = { first: 'spatial', second: 'semantic' } as const;
  expect(
    library.votes.cast({ comparisonId, left, right, choice: 'neither', ...pair }),
  ).toMatchObject({ ties: 1, remaining: 0, pValue: 1 });
});

test('pictures that are no pair are refused, and a way against itself', async () => {
  const library = open();
  await keepComparison(library, 'a');
  const { comparisonId, left, right } = library.votes.next('plain', 'both')!;
  const vote = { comparisonId, left, right, choice: 'left' } as const;
  const cast = (change: object) => () =>
    library.votes.cast({ ...vote, first: 'plain', second: 'both', ...change });
  expect(cast({ second: 'semantic' })).toThrow('not a pair');
  expect(cast({ left: right })).toThrow('not a pair');
  expect(() => library.votes.next('both', 'both')).toThrow('two different ways');
});

test('a ballot shows the photos that the concept was made of', async () => {
  const library = open();
  const { id } = createConcept(library, 'minka');
  const version = library.concepts.addVersion(id, await versionNamed(library, 'v'));
  await keepComparison(library, 'a', version.id);
  const photos = version.photos.map(({ thumbnail }) => thumbnail);
  expect(library.votes.next('plain', 'both')?.photos).toEqual(photos);
});

test('what lies in the trash, or looks the same, is not voted on', async () => {
  const library = open();
  const { compositions } = await keepComparison(library, 'a');
  library.compositions.trash([compositions[0].id]);
  expect(library.votes.next('plain', 'both')).toBeUndefined();
  const twin = await compositionNamed(library, 'twin');
  const picture = { ...twin.picture, picture: await putText(library, 'same') };
  library.compositions.keepComparison(comparisonWays.map((way) => ({ ...twin, picture, way })));
  expect(library.votes.next('plain', 'both')).toBeUndefined();
});

test('the sides of ballots are drawn', async () => {
  const library = open();
  await keepComparison(library, 'a');
  const sides = Array.from({ length: 40 }, () => library.votes.next('plain', 'both')!.left);
  expect(new Set(sides).size).toBe(2); // fails once in 2^39 runs
});

test.each([
  // exact: 2 * sum of C(n, k) / 2^n, from the smaller side down
  [0, 0, 1],
  [3, 3, 1],
  [0, 5, 0.0625],
  [1, 9, 22 / 1024],
  [8, 2, 112 / 1024],
  [0, 1000, 2 ** -999],
])('the sign test of %d against %d is %f', (first, second, expected) => {
  expect(signTest(first, second) / expected).toBeCloseTo(1, 9);
  expect(signTest(second, first)).toBe(signTest(first, second));
});

test('the sign test stands many votes', () => {
  expect(signTest(50_000, 50_000)).toBe(1);
  // the normal approximation with continuity correction: z = (600 - 1) / sqrt(100000) = 1.894
  expect(signTest(49_700, 50_300)).toBeCloseTo(0.0582, 3);
});
