import { describe, expect, test } from 'vitest';
import {
  attentionAt,
  attentionSteps,
  boxesOfPhrase,
} from '../../src-renderer/compare/attentionSteps.ts';
import { wayNames } from '../../src-renderer/compare/ways.ts';
import { figuresOf, isLongest } from '../../src-renderer/ui/pictureFigureList.ts';
import { comparisonWays } from '../../src-shared/composition.ts';
import { parseLayout } from '../../src-shared/layout.ts';

const map = (value: number) => ({ width: 1, height: 1, values: [value] });
const cat = {
  phrase: '<my-cat> cat',
  inside: 0.614,
  heatMap: map(1),
  overTime: [
    { step: 0, heatMap: map(0.1) },
    { step: 4, heatMap: map(0.4) },
  ],
};
const drift = { normRatio: 3.91, classCosine: 0.576, percentile: 97.6 };

describe('figures of a picture', () => {
  test('are what was measured, in words', () => {
    const figures = figuresOf({
      attention: [cat],
      drifts: [{ token: '<my-cat>', drift }, { token: '<new>' }],
      evaluation: {
        textAlignment: 0.28123,
        imageAlignment: 0.8,
        finds: [{ className: 'cat', score: 0.93, box: parseLayout(whole).objects[0].boxes[0] }],
      },
    });
    expect(
      figures.map(({ label, value }) => `${label}: ${value}`.replaceAll('\u00a0', ' ')),
    ).toEqual([
      'Shows the prompt: 0.281',
      'Looks like the photos: 0.800',
      'Things found: cat 93 %',
      'Attention inside: <my-cat> cat 61 %',
      'Drift: <my-cat> close (3.9× as long)',
    ]);
    expect(figures.every(({ meaning }) => meaning.length > 40)).toBe(true);
  });

  test('are bars, of which the longest of a comparison stands out', () => {
    const picture = (inside: number, textAlignment: number) => ({
      ...{ attention: [{ ...cat, inside }], drifts: [] },
      evaluation: { textAlignment },
    });
    const pictures = [picture(0.2, 0.31), picture(0.9, 0.3)];
    const longest = pictures.map((one) =>
      figuresOf(one).flatMap(({ label, bars }) =>
        bars.map((bar) => `${label} ${bar.share} ${isLongest(label, bar, pictures)}`),
      ),
    );
    expect(longest).toEqual([
      ['Shows the prompt 0.31 true', 'Attention inside 0.2 false'],
      ['Shows the prompt 0.3 false', 'Attention inside 0.9 true'],
    ]);
    const [figure] = figuresOf(pictures[1]);
    expect(isLongest('Shows the prompt', figure.bars[0], [pictures[1]])).toBe(true);
  });

  test('say that nothing was found, and nothing of what was not measured', () => {
    const picture = { attention: [], drifts: [], evaluation: { finds: [] } };
    expect(figuresOf(picture).map(({ value }) => value)).toEqual(['none']);
    expect(figuresOf({ attention: [], drifts: [] })).toEqual([]);
    expect(figuresOf(undefined)).toEqual([]);
  });
});

const whole = { objects: [{ phrase: 'hat', boxes: [[0, 0, 0.5, 1]] }] };

describe('attention over time', () => {
  test('has the steps of all pictures', () => {
    const other = { ...cat, overTime: [{ step: 2, heatMap: map(1) }, ...cat.overTime] };
    expect(attentionSteps([{ attention: [cat] }, { attention: [other] }])).toEqual([0, 2, 4]);
    expect(attentionSteps([])).toEqual([]);
  });

  test('shows what was watched last', () => {
    const picture = { attention: [cat] };
    expect(attentionAt(picture, '<my-cat> cat', 3)?.values).toEqual([0.1]);
    expect(attentionAt(picture, '<my-cat> cat', 9)?.values).toEqual([0.4]);
    expect(attentionAt(picture, 'hat', 9)).toBeUndefined();
  });

  test('shows the boxes of its words', () => {
    const layout = parseLayout(whole);
    expect(boxesOfPhrase({ layout }, 'hat')).toEqual([
      { x: '0%', y: '0%', width: '50%', height: '100%' },
    ]);
    expect(boxesOfPhrase({ layout }, 'cat')).toEqual([]);
    expect(boxesOfPhrase({}, 'hat')).toEqual([]);
  });
});

test('every way has a name of its own', () => {
  expect(new Set(comparisonWays.map((way) => wayNames[way])).size).toBe(comparisonWays.length);
});
