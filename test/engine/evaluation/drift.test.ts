import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { readVocabularyRows } from '../../../src-main/engine/diffusion/vocabulary.ts';
import { createDriftMeter } from '../../../src-main/engine/evaluation/drift.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

const model = openTinyModel('tiny-sd1');
const { vocabSize, hiddenSize } = model.configs.textEncoder;
const [catId] = model.tokenizer.idsOfWord('cat');
const table = await readVocabularyRows(
  model,
  Array.from({ length: vocabSize }, (_, id) => id),
);
const words = Array.from({ length: vocabSize }, (_, id) => [
  ...table.slice(id * hiddenSize, (id + 1) * hiddenSize),
]);
const cat = words[catId];

/** The statistic of decision 0006, by plain loops in double precision. */
function meanNearestDistance(row: readonly number[], except?: number): number {
  const distances = words
    .map((word) => Math.hypot(...word.map((value, i) => value - row[i])))
    .filter((_, id) => id !== except)
    .sort((a, b) => a - b);
  return distances.slice(0, 10).reduce((sum, distance) => sum + distance, 0) / 10;
}

const statistic = words.map((word, id) => meanNearestDistance(word, id));
const percentileByHand = (row: readonly number[]) =>
  (100 * statistic.filter((value) => value <= meanNearestDistance(row)).length) / vocabSize;

describe('drift', () => {
  it('of the class word itself is none', async () => {
    const meter = await createDriftMeter(model, { rows: 1, classIds: [catId] });
    const drift = await meter.measure(Float32Array.from(cat));
    await meter.release();
    const meanNorm = words.reduce((sum, word) => sum + Math.hypot(...word), 0) / vocabSize;
    expect(drift.normRatio).toBeCloseTo(Math.hypot(...cat) / meanNorm, 5);
    expect(drift.classCosine).toBeCloseTo(1, 6);
  });

  it('ranks rows among all words as plain loops do', async () => {
    const random = RandomStream.create(5, 'drift test');
    const meter = await createDriftMeter(model, { rows: 1, classIds: [] });
    for (const spread of [0, 0.05, 0.2, 0.4]) {
      const noise = random.normal(hiddenSize);
      const row = cat.map((value, i) => Math.fround(value + spread * noise[i]));
      const drift = await meter.measure(Float32Array.from(row));
      // a word at the border may fall on either side
      expect(Math.abs(drift.percentile - percentileByHand(row)), `${spread}`).toBeLessThan(0.5);
      expect(drift.classCosine).toBeUndefined();
    }
    await meter.release();
  });

  it('is 100 far outside, and the mean of several rows', async () => {
    const far = cat.map((value) => 50 * value);
    const meter = await createDriftMeter(model, { rows: 2, classIds: [catId] });
    const both = await meter.measure(Float32Array.from([...far, ...cat]));
    const twice = await meter.measure(Float32Array.from([...far, ...far]));
    await meter.release();
    expect(twice.percentile).toBe(100);
    expect(both.percentile).toBeCloseTo((100 + percentileByHand(cat)) / 2, 0);
    expect(twice.normRatio / both.normRatio).toBeCloseTo(100 / 51, 4);
  });

  it('is estimated from a sample of the words', async () => {
    const row = Float32Array.from(words[300]);
    const meter = await createDriftMeter(model, { rows: 1, classIds: [], sampledWords: 200 });
    const { percentile } = await meter.measure(row);
    await meter.release();
    expect(Math.abs(percentile - percentileByHand(words[300]))).toBeLessThan(10);
  });
});
