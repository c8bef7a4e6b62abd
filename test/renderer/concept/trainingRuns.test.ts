import { describe, expect, it } from 'vitest';
import {
  chartOf,
  extended,
  hasTellingRank,
  keptStepsOf,
  newestStepOf,
  previewAt,
  previewStepsOf,
  runningMean,
  withLive,
} from '../../../src-renderer/concept/trainingRuns.ts';
import {
  canCompare,
  fileNameOf,
  pairOf,
  parentNumber,
} from '../../../src-renderer/concept/versionLineage.ts';
import type { ConceptVersion, TrainingPreview } from '../../../src-shared/conceptRecord.ts';
import { blobHash } from '../../../src-shared/ids.ts';

const hash = blobHash.parse('b'.repeat(64));
const preview = (step: number, kept = true): TrainingPreview => ({
  ...{ step, plain: hash, composition: hash },
  ...(kept && { concept: hash }),
});
const live = (step: number, figures: Record<string, number>) => ({
  variant: 'plain' as const,
  ...{ step, figures },
});

describe('a history', () => {
  const history = { step: [1, 2], figures: { loss: [0.5, 0.4] } };

  it('goes on with what is told, and takes nothing twice', () => {
    const longer = extended(history, [live(2, { loss: 9 }), live(3, { loss: 0.3, drift: 80 })]);
    expect(longer).toEqual({
      step: [1, 2, 3],
      figures: { loss: [0.5, 0.4, 0.3], drift: [null, null, 80] },
    });
  });

  it('stays the same object where nothing is new', () => {
    expect(extended(history, [live(1, { loss: 9 })])).toBe(history);
  });
});

describe('runs', () => {
  it('have their place before anything is told of them', () => {
    const runs = withLive([], [live(1, { loss: 1 })], [], ['plain', 'semantic']);
    expect(runs.map(({ variant, history }) => [variant, history.step])).toEqual([
      ['plain', [1]],
      ['semantic', []],
    ]);
  });

  it('show each preview once, in the order of steps', () => {
    const run = {
      variant: 'plain' as const,
      history: { step: [], figures: {} },
      previews: [preview(0, false), preview(50)],
      anchors: [],
    };
    const told = [100, 50].map((step) => ({ variant: 'plain' as const, preview: preview(step) }));
    const runs = withLive([run], [], told);
    expect(previewStepsOf(runs)).toEqual([0, 50, 100]);
    expect(keptStepsOf(runs)).toEqual([50, 100]);
    expect(newestStepOf(runs)).toBe(100);
    expect(newestStepOf([...runs, { previews: [preview(50)] }])).toBe(50);
    expect(previewAt(runs[0]?.previews ?? [], 75)?.step).toBe(50);
    expect(previewAt(runs[0]?.previews ?? [], -1)).toBeUndefined();
  });
});

describe('charts', () => {
  it('put trainings with different steps on one axis', () => {
    const chart = chartOf(
      [
        { variant: 'plain', history: { step: [1, 3], figures: { loss: [4, 2] } } },
        { variant: 'semantic', history: { step: [1, 2], figures: {} } },
      ],
      'loss',
    );
    expect(chart.x).toEqual([1, 2, 3]);
    expect(chart.lines.map(({ values }) => values)).toEqual([
      [4, null, 2],
      [null, null, null],
    ]);
  });

  it('smooth over what was measured', () => {
    expect(runningMean([2, null, 4, 6], 2)).toEqual([2, null, 3, 5]);
    expect(runningMean([2, 4], 1)).toEqual([2, 4]);
  });
});

describe('versions', () => {
  const version = (number: number, variant: 'plain' | 'semantic', parentId?: string) =>
    ({
      ...{ id: `v${number}`, number, variant, method: 'textual-inversion', steps: 100 },
      ...(parentId && { parentId }),
    }) as ConceptVersion;
  const versions = [
    version(4, 'semantic', 'v2'),
    version(3, 'plain', 'v2'),
    version(2, 'semantic'),
    version(1, 'plain'),
  ];

  it('stand beside the twin that was trained with them, the plain one first', () => {
    const numbers = versions.map((one) => pairOf(one, versions).map(({ number }) => number));
    expect(numbers).toEqual([
      [3, 4],
      [3, 4],
      [1, 2],
      [1, 2],
    ]);
  });

  it('know what they were made from', () => {
    expect(versions.map((one) => parentNumber(one, versions))).toEqual([
      2,
      2,
      undefined,
      undefined,
    ]);
  });

  it('can be compared where both kinds are there', () => {
    expect(canCompare(versions)).toBe(true);
    expect(canCompare(versions.slice(1, 2))).toBe(false);
  });

  it('have file names that every system takes', () => {
    expect(fileNameOf('<min/ka:>', version(2, 'plain'))).toBe('minka-v2-plain.safetensors');
  });
});

it('shows ranks among the words only where they are not all at the end of the scale', () => {
  const curve = (drift: (number | null)[]) => ({
    ...{ variant: 'plain' as const },
    history: { step: drift.map((_, step) => step), figures: { drift } },
  });
  expect(hasTellingRank(curve([null, 100, 99.8]))).toBe(false);
  expect(hasTellingRank(curve([null, 82, 100]))).toBe(true);
  expect(hasTellingRank({ variant: 'plain', history: { step: [1], figures: {} } })).toBe(false);
});
