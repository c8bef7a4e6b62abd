import { useMemo } from 'react';
import { LineChart } from '../ui/LineChart.tsx';
import { type Curve, chartOf } from './trainingRuns.ts';

interface TrainingChartsProps {
  curves: readonly Curve[];
  height?: number;
}

/** Loss, and how far the concept moves away from the words that the model knows. */
export function TrainingCharts({ curves, height = 150 }: TrainingChartsProps) {
  const charts = useMemo(() => {
    const longest = Math.max(0, ...curves.map(({ history }) => history.step.length));
    return {
      loss: chartOf(curves, 'loss', Math.max(1, Math.round(longest / 20))),
      norm: chartOf(curves, 'normRatio'),
      cosine: chartOf(curves, 'classCosine'),
      drift: chartOf(curves, 'drift'),
    };
  }, [curves]);
  return (
    <div className="grid grid-cols-1 gap-x-8 gap-y-6 lg:grid-cols-2">
      <LineChart
        {...{ ...charts.loss, height }}
        title="Loss"
        hint="Reconstruction error, as a running mean."
      />
      <LineChart
        {...{ ...charts.drift, height, range: [0, 100] as const }}
        title="Drift"
        hint="Percentile among all words; 100 is farther out than any."
      />
      <LineChart
        {...{ ...charts.norm, height }}
        title="Norm"
        hint="Length over the mean length of the model’s words."
      />
      <LineChart
        {...{ ...charts.cosine, height }}
        title="Cosine to the class word"
        hint="1 is the class word itself."
      />
    </div>
  );
}
