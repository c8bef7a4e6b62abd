import { describe, expect, it } from 'vitest';
import { summarise } from '../../../src-renderer/ui/chartSummary.ts';
import { heatColor, normalise } from '../../../src-renderer/ui/colorMap.ts';
import { driftSummary, readDrift } from '../../../src-renderer/ui/driftWords.ts';
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
  const drift = { normRatio: 3.91, percentile: 100 };

  it('goes by the cosine to the class word, whatever the rank', () => {
    const tones = [0.58, 0.39, 0.2, -0.1].map((classCosine) =>
      readDrift({ ...drift, classCosine }),
    );
    expect(tones.map(({ tone }) => tone)).toEqual(['accent', 'warn', 'danger', 'danger']);
    expect(tones.map(({ share }) => share)).toEqual([0.58, 0.39, 0.2, 0]);
    expect(tones[0]).toMatchObject({ cosine: '0.58', length: '3.9' });
  });

  it('goes by the rank where there is no class word', () => {
    const tones = [12, 95, 100].map((percentile) => readDrift({ ...drift, percentile }));
    expect(tones.map(({ tone }) => tone)).toEqual(['accent', 'warn', 'danger']);
    expect(tones[0].cosine).toBeUndefined();
  });

  it('says it all where a picture cannot be seen', () => {
    expect(driftSummary({ ...drift, classCosine: 0.58 })).toBe(
      'Drift: cosine to the class word 0.58, near its class; 3.9 times as long as a mean word',
    );
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
