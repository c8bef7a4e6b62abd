import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readBuiltIns } from '../../src-main/jobs/builtIns.ts';
import { type PictureScore, ScoreBook, tasksOf } from '../../tools/experiment/compositions.ts';
import { columnsOf, coverageOf, describeCoverage } from '../../tools/experiment/coverage.ts';
import { requireSameExperiment } from '../../tools/experiment/identity.ts';
import {
  compositionsOf,
  fullScale,
  layoutOf,
  pairPrompts,
  promptOf,
  singlePrompts,
  smallScale,
} from '../../tools/experiment/plan.ts';
import { tableOf } from '../../tools/experiment/table.ts';
import { isHeldOutPair } from '../../tools/toybox/world/heldOut.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const { path } = temporaryFolder();
const { samples } = await readBuiltIns();

test('the full experiment has 8 concepts with 10 objects each, and 5 pairs of concepts', () => {
  const compositions = compositionsOf(samples, fullScale);
  const single = compositions.filter(({ concepts }) => concepts.length === 1);
  const double = compositions.filter(({ concepts }) => concepts.length === 2);
  expect([single.length, double.length]).toEqual([80, 5]);
  expect(new Set(single.map(({ concepts: [{ name }] }) => name)).size).toBe(8);
  for (const { concepts, other } of compositions) expect(other).not.toBe(concepts[0].classWord);
  expect(compositionsOf(samples, fullScale)).toEqual(compositions);
});

test('every composition has seeds of its own', () => {
  for (const scale of [fullScale, smallScale]) {
    const compositions = compositionsOf(samples, scale);
    expect(new Set(compositions.map(({ index }) => index)).size).toBe(compositions.length);
    expect(scale.seeds).toBeLessThanOrEqual(10);
  }
});

test('prompts name concepts by their tokens, or by their class words alone', () => {
  const [minka, bolt] = ['minka', 'bolt'].map((name) => samples.find((one) => one.name === name)!);
  const single = { concepts: [minka], other: 'umbrella', index: 0 };
  expect(promptOf(single, true)).toBe('a <minka> cat and an umbrella');
  expect(promptOf(single, false)).toBe('a cat and an umbrella');
  const double = { concepts: [minka, bolt], other: 'robot', index: 1 };
  expect(promptOf(double, true)).toBe('a <minka> cat and a <bolt> robot');
  expect(layoutOf(double, 3).objects.map(({ phrase }) => phrase)).toEqual([
    '<minka> cat',
    '<bolt> robot',
  ]);
});

test('the concept changes sides from seed to seed', () => {
  const [concept] = samples;
  const single = { concepts: [concept], other: 'umbrella', index: 0 };
  const [even, odd] = [0, 1].map((seed) => layoutOf(single, seed).objects);
  expect(even[0].boxes[0][0]).toBeLessThan(even[1].boxes[0][0]);
  expect(odd[0].boxes[0][0]).toBeGreaterThan(odd[1].boxes[0][0]);
});

test('the model alone is asked for pairs that training never showed, and for single things', () => {
  const pairs = pairPrompts(200);
  for (const { expected } of pairs) expect(isHeldOutPair(expected[0], expected[1])).toBe(true);
  expect(new Set(pairs.map(({ prompt }) => prompt)).size).toBeGreaterThan(50);
  for (const { expected, prompt } of singlePrompts(200)) expect(prompt).toContain(expected[0]);
});

const score: PictureScore = {
  ...{ method: 'textual-inversion', way: 'plain', prompt: 'a <minka> cat and a cup', seed: 4 },
  ...{ textAlignment: 0.25, imageAlignment: 0.75, other: false, own: true },
  ...{ drift: 96.4, classCosine: 0.25, normRatio: 6.3 },
};

test('scores are found again by a later run', () => {
  const file = path('pictures.jsonl');
  new ScoreBook(file).add(score);
  const book = new ScoreBook(file);
  expect(book.get(score)).toEqual(score);
  expect(book.get({ ...score, seed: 5 })).toBeUndefined();
});

test('only what is measured in every way and for every seed is compared', () => {
  const book = new ScoreBook(path('partial.jsonl'));
  const compositions = compositionsOf(samples, smallScale);
  const [first, second] = compositions;
  for (const composition of [first, second]) {
    for (const [method, way] of columnsOf('textual-inversion')) {
      const tasks = tasksOf(composition, 2, method, way);
      if (composition === second && way === 'both') tasks.pop();
      for (const { request } of tasks) book.add({ ...score, ...request, method, way });
    }
  }
  const coverage = coverageOf(book, compositions, 'textual-inversion', 2);
  expect(coverage.compositions).toEqual([first]);
  expect(coverage.scores).toHaveLength(5 * 2);
  expect(describeCoverage(coverage, compositions, 2)).toBe(
    'Complete for 1 of 12 prompts (minka; no pairs of concepts), 2 seeds each.',
  );
});

test('a folder takes the results of one model and one plan', async () => {
  const { model } = await readBuiltIns();
  mkdirSync(path('experiment'));
  await requireSameExperiment(path('experiment'), model, { steps: 1 });
  await requireSameExperiment(path('experiment'), model, { steps: 1 });
  await expect(requireSameExperiment(path('experiment'), model, { steps: 2 })).rejects.toThrow(
    /holds results of other weights or settings .*give another --out/,
  );
});

test('the table holds the means of each method and way', () => {
  const other = { ...score, seed: 5, other: true, textAlignment: 0.35, drift: 98.4 };
  const {
    drift: _,
    classCosine: __,
    normRatio: ___,
    ...base
  } = { ...score, method: 'base' as const };
  expect(tableOf([score, other, base]).split('\n').slice(2)).toEqual([
    '| textual-inversion, plain | 2 | 0.300 | 0.750 | 50 % | 100 % | 50 % | 6.3 | 0.25 | 97 |  |',
    '| base model, class word | 1 | 0.250 | 0.750 | 0 % | 100 % | 0 % |  |  |  |  |',
  ]);
});

test('likeness is compared where both ways show both things', () => {
  // [plain, with a layout] of four pictures; the plain way drops the other object from the last
  const pictures = [
    [0.4, 0.3, true],
    [0.4, 0.4, true],
    [0.4, 0.38, true],
    [0.9, 0.3, false],
  ] as const;
  const scores = pictures.flatMap(([before, after, other], seed) => [
    { ...score, seed, imageAlignment: before, other },
    { ...score, seed, way: 'spatial' as const, imageAlignment: after, other: true },
  ]);
  const rows = tableOf(scores).split('\n').slice(2);
  expect(rows.map((row) => row.split(' | ').at(-1))).toEqual([' |', '-10 ± 8 % (3) |']);
});
