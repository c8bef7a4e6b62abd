import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { type Ellipse, type Point, reach } from './mapView.ts';

/** What one version of a concept went through, on the map. */
export type ConceptPath = StudioOutput<'embeddingMap'>['paths'][number];
export type PathPoint = ConceptPath['points'][number];

/** Points to be marked on the path: the first, the last, and those at least `distance` pixels from the one before. */
export function markedPoints<P extends Point>(points: readonly P[], distance: number): P[] {
  const marked: P[] = [];
  for (const [index, point] of points.entries()) {
    const before = marked.at(-1);
    const isEnd = index === 0 || index === points.length - 1;
    if (isEnd || !before || Math.hypot(point.x - before.x, point.y - before.y) >= distance) {
      marked.push(point);
    }
  }
  return marked;
}

/** "M x,y L x,y ...": as the attribute `d` of an SVG path; empty without points. */
export function lineOf(points: readonly Point[]): string {
  return points
    .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)},${y.toFixed(1)}`)
    .join(' ');
}

/** What became of a concept, in words: how far out it ended, where it began, and when it left the core. */
export type PathSummary = {
  /** 1 is the edge of the core; see {@link reach}. */
  readonly start: number;
  readonly end: number;
  /** The step after which it stayed outside; absent where it ended inside. */
  readonly leftAtStep?: number;
};

export function summaryOf(points: readonly PathPoint[], core: Ellipse): PathSummary | undefined {
  const first = points.at(0);
  const last = points.at(-1);
  if (!first || !last) return undefined;
  const lastInside = points.findLastIndex((point) => reach(core, point) <= 1);
  const left = points.at(lastInside + 1);
  return {
    start: reach(core, first),
    end: reach(core, last),
    ...(lastInside + 1 < points.length && left && { leftAtStep: left.step }),
  };
}

/** One sentence on a path, for those who read the map and those who hear it. */
export function describePath(points: readonly PathPoint[], core: Ellipse): string {
  const summary = summaryOf(points, core);
  if (!summary) return 'Its path is not known: it was imported, or trained before paths were kept.';
  const end = timesText(summary.end);
  if (summary.leftAtStep === undefined)
    return `Ends inside the core, at ${end} of the way to its edge.`;
  if (summary.leftAtStep > points[0].step)
    return `Leaves the core at step ${summary.leftAtStep} and ends ${end} times as far out as its edge.`;
  if (points.length === 1) return `Lies outside the core, ${end} times as far out as its edge.`;
  return `Began ${timesText(summary.start)} times as far out as the edge of the core and ends at ${end}.`;
}

function timesText(reach: number): string {
  return reach.toFixed(reach < 10 ? 1 : 0);
}
