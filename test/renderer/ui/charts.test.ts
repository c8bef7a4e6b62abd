import { describe, expect, it } from 'vitest';
import { summarise } from '../../../src-renderer/ui/chartSummary.ts';
import { heatColor, normalise } from '../../../src-renderer/ui/colorMap.ts';
import { driftMarks, driftSummary, readDrift } from '../../../src-renderer/ui/driftWords.ts';
import { idsInSearch, linkTo } from '../../../src-renderer/ui/routes.ts';

describe('the summary of a chart', () => {
  it('says where each line begins, ends and is lowest', () => {
    const lines = [{ label: 'plain', values: [0.2, null, 0.04, 0.05] }];
    expect(summarise([0, 10, 20, 30], lines)).toBe('plain: from 0.2 to 0.05, lowest 0.04 at 20');
  });

  it('says so where nothing was measured', () => {
    expect(summarise([0], [{ label: 'plain', values: [null] }])).toBe(
      'plain: nothing measured yet',
    );
  });
});

describe('heat', () => {
  it('becomes brighter with every step', () => {
    const sums = Array.from({ length: 21 }, (_, step) => {
      const [red, green, blue] = heatColor(step / 20);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    expect(sums).toEqual(sums.toSorted((one, other) => one - other));
  });

  it('stays in the scale whatever comes', () => {
    expect(heatColor(-1)).toEqual(heatColor(0));
    expect(heatColor(2)).toEqual(heatColor(1));
  });

  it('is relative to the largest value', () => {
    expect(normalise([0, 1, 4, -2])).toEqual([0, 0.25, 1, 0]);
    expect(normalise([0, 0])).toEqual([0, 0]);
  });
});

describe('drift in words', () => {
  const drift = { normRatio: 8.6, classCosine: 0.16, percentile: 100 };
  const verdicts = (...lengths: number[]) =>
    lengths.map((normRatio) => readDrift({ ...drift, normRatio }).verdict);

  it('tells apart what was measured: a known word, a word with anchors, a plain one', () => {
    expect(verdicts(2.5, 2.8, 8.6, 23.6)).toEqual(['close', 'close', 'apart', 'far']);
    expect(readDrift(drift)).toMatchObject({ length: '8.6×', cosine: '0.16', tone: 'warn' });
  });

  it('goes by the length alone, whatever angle and rank', () => {
    const readings = [0.9, 0.1, undefined].map((classCosine) =>
      readDrift({ ...drift, classCosine, percentile: 12 }),
    );
    expect(new Set(readings.map(({ verdict }) => verdict))).toEqual(new Set(['apart']));
    expect(readings[2].cosine).toBeUndefined();
  });

  it('fills a gauge the more the longer the word is, and never over its ends', () => {
    const shares = [0, 0.5, 2.5, 8.6, 23.6, 71, 500].map(
      (normRatio) => readDrift({ ...drift, normRatio }).share,
    );
    expect(shares).toEqual(shares.toSorted((one, other) => one - other));
    expect([shares[0], shares.at(-1)]).toEqual([0, 1]);
    expect(shares[3]).toBeGreaterThan(driftMarks[0]);
    expect(shares[4]).toBeGreaterThan(driftMarks[1]);
  });

  it('says it all where a picture cannot be seen', () => {
    const said = 'Drift: apart, 8.6× as long as the model’s average word';
    expect(driftSummary(drift)).toBe(`${said}; cosine to its class word 0.16`);
    expect(driftSummary({ ...drift, classCosine: undefined })).toBe(said);
  });
});

describe('addresses', () => {
  it('carry what a screen begins with', () => {
    expect(linkTo.compose(['a', 'b'])).toBe('/compose?concepts=a%2Cb');
    expect(linkTo.newConcept()).toBe('/concepts/new');
    expect(idsInSearch('concepts=a%2Cb', 'concepts')).toEqual(['a', 'b']);
    expect(idsInSearch('', 'concepts')).toEqual([]);
  });
});
