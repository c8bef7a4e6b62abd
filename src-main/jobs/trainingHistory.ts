import type { TrainingHistory } from '../../src-shared/conceptRecord.ts';

/**
 * A history of at most so many steps: evenly spaced ones, the first and the last among them. Of the steps around a place
 * the one with the most figures is kept, since drift is not measured in every step.
 *
 * @param history in the order of steps
 * @param most from 2
 */
export function thinHistory({ step, figures }: TrainingHistory, most: number): TrainingHistory {
  if (step.length <= most) return { step, figures };
  const kept = placesOf(step.length, most, (place) => figuresAt(figures, place));
  return {
    step: kept.map((place) => step[place]),
    figures: Object.fromEntries(
      Object.entries(figures).map(([name, values]) => [name, kept.map((place) => values[place])]),
    ),
  };
}

function figuresAt(figures: TrainingHistory['figures'], place: number): number {
  return Object.values(figures).filter((values) => values[place] !== null).length;
}

/** The first, the last, and the richest of each of the equal stretches between them. */
function placesOf(length: number, most: number, richness: (place: number) => number): number[] {
  const inner = most - 2;
  const between = Array.from({ length: inner }, (_, stretch) => {
    const from = 1 + Math.floor((stretch * (length - 2)) / inner);
    const to = 1 + Math.floor(((stretch + 1) * (length - 2)) / inner);
    return richest(from, to, richness);
  });
  return [0, ...between, length - 1];
}

function richest(from: number, to: number, richness: (place: number) => number): number {
  let best = from;
  for (let place = from + 1; place < to; place++) {
    if (richness(place) > richness(best)) best = place;
  }
  return best;
}
