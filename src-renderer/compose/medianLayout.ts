import { type Layout, type LayoutPrior, parseLayout } from '../../src-shared/layout.ts';
import { leastSide } from './boxGeometry.ts';

/** A layout out of a prior: of each thing the median of its boxes, side by side, over all samples. */
export function medianLayout({ objects, samples }: LayoutPrior): Layout {
  const placed = objects.map((phrase, index) => {
    const boxes = samples.map((sample) => sample.objects[index].box);
    const [x0, y0, x1, y1] = [0, 1, 2, 3].map((side) => median(boxes.map((box) => box[side])));
    return { phrase, boxes: [[x0, y0, atLeast(x0, x1), atLeast(y0, y1)]] };
  });
  return parseLayout({ objects: placed });
}

/** Each side's median may come from another box, so that two of them could meet. */
function atLeast(low: number, high: number): number {
  return high > low ? high : Math.min(low + leastSide, 1);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}
