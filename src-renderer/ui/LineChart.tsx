import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import { type ChartLine, summarise } from './chartSummary.ts';
import { formatNumber } from './format.ts';
import { useTextScale } from './textScale.ts';
import { themeColor } from './theme.ts';
import { useThemeName } from './useThemeName.ts';

export interface ColoredLine extends ChartLine {
  /** A colour of the theme: "accent", "second", "tile-3". */
  color: string;
  dashed?: boolean;
  /** Pixels. */
  width?: number;
}

interface LineChartProps {
  title: string;
  /** What the figure means, in a few words. */
  hint?: string;
  x: readonly number[];
  lines: readonly ColoredLine[];
  /** Pixels, at the usual size of text. */
  height?: number;
  /** Of the y axis; what the values need where absent. */
  range?: readonly [number, number];
  logarithmic?: boolean;
}

/** Lines over steps. Numbers show under the pointer; a sentence says the same to those who do not see it. */
export function LineChart(props: LineChartProps) {
  const { title, hint, x, lines, height = 150 } = props;
  const scale = useTextScale();
  const summary = useMemo(() => summarise(x, lines), [x, lines]);
  return (
    <figure className="m-0 flex h-full min-w-0 flex-col gap-1">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="text-sm font-medium">{title}</span>
        <Legend lines={lines} />
      </figcaption>
      {hint && <p className="text-xs text-muted">{hint}</p>}
      <div
        role="img"
        aria-label={`${title}. ${summary}`}
        // charts beside each other stand on one line, whatever is above them
        className="mt-auto"
        style={{ height: height * scale }}
      >
        <Plot {...props} {...{ scale, height: height * scale }} />
      </div>
    </figure>
  );
}

function Legend({ lines }: { lines: readonly ColoredLine[] }) {
  return (
    <span className="flex flex-wrap gap-x-3 text-xs text-muted">
      {lines.map(({ label, color, values }) => {
        const last = values.findLast((value) => value !== null);
        return (
          <span key={label} className="inline-flex items-center gap-1.5">
            <span
              className="h-0.5 w-3 rounded-full"
              style={{ background: `var(--color-${color})` }}
            />
            {label}
            <span className="min-w-10 text-right text-ink">
              {last === undefined || last === null ? '-' : formatNumber(last)}
            </span>
          </span>
        );
      })}
    </span>
  );
}

interface PlotProps extends LineChartProps {
  height: number;
  /** Of text. */
  scale: number;
}

function Plot({ x, lines, height, scale, range, logarithmic = false }: PlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const theme = useThemeName();
  const look = lines.map(({ label, color, dashed }) => `${label}|${color}|${dashed}`).join();
  const data = useMemo(
    () => [x, ...lines.map(({ values }) => values)] as uPlot.AlignedData,
    [x, lines],
  );
  const latest = useRef({ data, lines });
  latest.current = { data, lines };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the look and the theme say when to draw from scratch
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const size = { width: element.clientWidth, height };
    const options = chartOptions(latest.current.lines, size, { scale, range, logarithmic });
    const made = new uPlot(options, latest.current.data, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [look, theme, height, scale, range?.[0], range?.[1], logarithmic]);
  useEffect(() => plot.current?.setData(data), [data]);
  return <div ref={frame} className="w-full" />;
}

function chartOptions(
  lines: readonly ColoredLine[],
  size: { readonly width: number; readonly height: number },
  { scale, range, logarithmic }: Pick<PlotProps, 'scale' | 'range' | 'logarithmic'>,
): uPlot.Options {
  const axis = {
    stroke: themeColor('muted'),
    grid: { stroke: themeColor('line'), width: 1 },
    ticks: { show: false },
    font: `${Math.round(11 * scale)}px "Inter Variable", "Segoe UI", "Liberation Sans", sans-serif`,
  };
  const values = (_: uPlot, ticks: number[]) => ticks.map((tick) => formatNumber(tick));
  return {
    ...size,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: false },
      y: range ? { range: [range[0], range[1]] } : logarithmic ? { distr: 3 } : {},
    },
    axes: [
      { ...axis, size: 24 * scale, values },
      { ...axis, size: 48 * scale, values },
    ],
    series: [
      {},
      ...lines.map(({ label, color, dashed, width = 1.75 }) => ({
        label,
        stroke: themeColor(color),
        width,
        spanGaps: true,
        points: { show: false },
        ...(dashed ? { dash: [5, 4] } : {}),
      })),
    ],
    plugins: [readout()],
  };
}

/** The values under the pointer, in a small box. */
function readout(): uPlot.Plugin {
  const box = document.createElement('div');
  box.className =
    'pointer-events-none absolute top-1 right-1 hidden rounded-sm bg-ink px-2 py-1 text-xs text-paper';
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const index = plot.cursor.idx;
        box.style.display = index == null ? 'none' : 'block';
        if (index == null) return;
        const parts = plot.series.slice(1).map((series, place) => {
          const value = plot.data[place + 1]?.[index];
          return `${series.label} ${value == null ? '-' : formatNumber(value)}`;
        });
        box.textContent = `${plot.data[0][index]}: ${parts.join(', ')}`;
      },
    },
  };
}
