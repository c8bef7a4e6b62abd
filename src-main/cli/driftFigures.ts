import { type ConceptDrift, isRankTelling } from '../../src-shared/concept.ts';
import { formatNumber } from './reporter.ts';

/** How far a concept lies from the words that the model knows, figure by figure. */
export function driftFigures({ classCosine, normRatio, percentile }: ConceptDrift): string[] {
  return [
    ...(classCosine === undefined ? [] : [`cosine to the class word ${classCosine.toFixed(2)}`]),
    `${formatNumber(normRatio)} times as long as a mean word`,
    ...(isRankTelling(percentile)
      ? [`farther out than ${formatNumber(percentile)} % of the words`]
      : []),
  ];
}
