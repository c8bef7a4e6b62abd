import { useMemo } from 'react';
import { classes } from '../ui/classes.ts';
import { LineChart } from '../ui/LineChart.tsx';
import { type Curve, chartOf, hasTellingRank } from './trainingRuns.ts';

interface TrainingChartsProps {
  curves: readonly Curve[];
  height?: number;
}

/** Loss, and how far the concept moves away from the words that the model knows and from its class word. */
export function TrainingCharts({ curves, height = 150 }: TrainingChartsProps) {
  const charts = useMemo(() => {
    const longest = Math.max(0, ...curves.map(({ history }) => history.step.length));
    return {
      loss: chartOf(curves, 'loss', Math.max(1, Math.round(longest / 20))),
      cosine: chartOf(curves, 'classCosine'),
      length: chartOf(curves, 'normRatio'),
      rank: curves.some(hasTellingRank) && chartOf(curves, 'drift'),
    };
  }, [curves]);
  return (
    <div
      className={classes(
        'grid grid-cols-1 gap-x-8 gap-y-6',
        charts.rank ? 'lg:grid-cols-2' : 'lg:grid-cols-3',
      )}
    >
      <LineChart
        {...{ ...charts.loss, height }}
        title="Loss"
        hint="Reconstruction error, as a running mean."
      />
      <LineChart
        {...{ ...charts.length, height }}
        title="Length"
        hint="In lengths of the model’s average word."
      />
      <LineChart
        {...{ ...charts.cosine, height }}
        title="Cosine to the class word"
        hint="1 is the class word itself."
      />
      {charts.rank && (
        <LineChart
          {...{ ...charts.rank, height, range: [0, 100] as const }}
          title="Farther out"
          hint="Than so many per cent of the model’s words."
        />
      )}
    </div>
  );
}
