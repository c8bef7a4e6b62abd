import {
  type ConceptVariant,
  isRankTelling,
  type StoredVariant,
} from '../../src-shared/concept.ts';
import type { TrainingHistory, TrainingPreview } from '../../src-shared/conceptRecord.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import type { ColoredLine } from '../ui/LineChart.tsx';

/** What a training has shown, with what it shows now put behind it; and the lines of its charts. */

type Training = StudioOutput<'getTraining'>;
export type TrainingRun = Training['runs'][number];

export interface LiveStep {
  readonly variant: ConceptVariant;
  readonly step: number;
  readonly figures: Readonly<Record<string, number>>;
}

export interface LivePreview {
  readonly variant: ConceptVariant;
  readonly preview: TrainingPreview;
}

/** Anything with a history by variant: a training, or versions that are finished. */
export interface Curve {
  readonly variant: StoredVariant;
  readonly history: TrainingHistory;
}

/** The trainings of a request, in their order: each has its place on the screen before it begins. */
export function expectedVariants({ settings, bothWays }: Training['request']): ConceptVariant[] {
  if (settings.anchors?.kind === 'none') return ['plain'];
  return bothWays ? ['plain', 'semantic'] : ['semantic'];
}

/** The runs as asked for, and what has been told since; what is in both counts once. */
export function withLive(
  runs: readonly TrainingRun[],
  steps: readonly LiveStep[],
  previews: readonly LivePreview[],
  expected: readonly ConceptVariant[] = [],
): TrainingRun[] {
  const told = [...runs, ...steps, ...previews].map(({ variant }) => variant);
  return [...new Set([...expected, ...told])].map((variant) => {
    const run = runs.find((one) => one.variant === variant) ?? emptyRun(variant);
    const own = steps.filter((one) => one.variant === variant);
    const pictures = previews.filter((one) => one.variant === variant);
    return {
      ...run,
      history: extended(run.history, own),
      previews: mergedPreviews(
        run.previews,
        pictures.map(({ preview }) => preview),
      ),
    };
  });
}

function emptyRun(variant: ConceptVariant): TrainingRun {
  return { variant, history: { step: [], figures: {} }, previews: [], anchors: [] };
}

/** A history with later steps behind it; earlier ones are in it already. */
export function extended(history: TrainingHistory, steps: readonly LiveStep[]): TrainingHistory {
  const last = history.step.at(-1) ?? -1;
  const added = steps.filter(({ step }) => step > last);
  if (added.length === 0) return history;
  const names = new Set([
    ...Object.keys(history.figures),
    ...added.flatMap(({ figures }) => Object.keys(figures)),
  ]);
  const column = (name: string) => [
    ...(history.figures[name] ?? history.step.map(() => null)),
    ...added.map(({ figures }) => figures[name] ?? null),
  ];
  return {
    step: [...history.step, ...added.map(({ step }) => step)],
    figures: Object.fromEntries([...names].map((name) => [name, column(name)])),
  };
}

function mergedPreviews(
  known: readonly TrainingPreview[],
  added: readonly TrainingPreview[],
): TrainingPreview[] {
  const all = new Map([...known, ...added].map((preview) => [preview.step, preview]));
  return [...all.values()].toSorted((one, other) => one.step - other.step);
}

interface Previewed {
  readonly previews: readonly TrainingPreview[];
}

/** Steps of which any run has a preview, in their order. */
export function previewStepsOf(runs: readonly Previewed[]): number[] {
  const steps = new Set(runs.flatMap(({ previews }) => previews.map(({ step }) => step)));
  return [...steps].toSorted((one, other) => one - other);
}

/** The newest step of the training that runs now, the last one that shows anything: both twins are seen at the same step. */
export function newestStepOf(runs: readonly Previewed[]): number {
  return runs.findLast(({ previews }) => previews.length > 0)?.previews.at(-1)?.step ?? 0;
}

/** The preview of a step, else the last one before it. */
export function previewAt(
  previews: readonly TrainingPreview[],
  step: number,
): TrainingPreview | undefined {
  return previews.findLast((preview) => preview.step <= step);
}

/** Steps of which a concept was kept: a training can be ended with it. */
export function keptStepsOf(runs: readonly Previewed[]): number[] {
  const kept = runs.flatMap(({ previews }) =>
    previews.flatMap(({ step, concept }) => (step > 0 && concept ? [step] : [])),
  );
  return [...new Set(kept)].toSorted((one, other) => one - other);
}

/** Whether its rank among the words was ever below the end of the scale. */
export function hasTellingRank({ history }: Curve): boolean {
  return (history.figures.drift ?? []).some((rank) => rank !== null && isRankTelling(rank));
}

const colors: Readonly<Record<StoredVariant, string>> = {
  plain: 'second',
  semantic: 'accent',
  foreign: 'muted',
};

export interface Chart {
  readonly x: number[];
  readonly lines: ColoredLine[];
}

/**
 * One figure of several trainings over the same steps.
 *
 * @param smooth length of the running mean, in measured values; 1 for none
 */
export function chartOf(curves: readonly Curve[], figure: string, smooth = 1): Chart {
  const x = [...new Set(curves.flatMap(({ history }) => history.step))].toSorted((a, b) => a - b);
  const places = new Map(x.map((step, place) => [step, place]));
  const lines = curves.map(({ variant, history }) => {
    const values: (number | null)[] = x.map(() => null);
    const measured = runningMean(history.figures[figure] ?? [], smooth);
    for (const [index, step] of history.step.entries()) {
      values[places.get(step) ?? 0] = measured[index] ?? null;
    }
    // twins may lie on each other: the wider line of the plain one is seen behind the other
    return {
      label: variant,
      color: colors[variant],
      values,
      width: variant === 'plain' ? 4 : 1.75,
    };
  });
  return { x, lines };
}

/** The mean of each value and those before it. A loss jumps so much from draw to draw that only its mean tells. */
export function runningMean(values: readonly (number | null)[], length: number): (number | null)[] {
  const window: number[] = [];
  return values.map((value) => {
    if (value === null) return null;
    window.push(value);
    if (window.length > length) window.shift();
    return window.reduce((sum, one) => sum + one, 0) / window.length;
  });
}
