import { formatNumber } from './format.ts';

/** What a line of a chart shows, for those who do not see it. */

export interface ChartLine {
  label: string;
  /** As many as there are places on the x axis; null where nothing was measured. */
  values: readonly (number | null)[];
}

/** "plain: from 0.2 to 0.05, lowest 0.04 at 180". */
export function summarise(x: readonly number[], lines: readonly ChartLine[]): string {
  const sentences = lines.map(({ label, values }) => `${label}: ${describe(x, values)}`);
  return sentences.join('; ');
}

function describe(x: readonly number[], values: readonly (number | null)[]): string {
  const points = values.flatMap((value, index) =>
    value === null || x[index] === undefined ? [] : [{ at: x[index], value }],
  );
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return 'nothing measured yet';
  const low = points.reduce((best, point) => (point.value < best.value ? point : best));
  const from = formatNumber(first.value);
  const to = formatNumber(last.value);
  return `from ${from} to ${to}, lowest ${formatNumber(low.value)} at ${low.at}`;
}
