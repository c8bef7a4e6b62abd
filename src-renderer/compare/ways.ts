import { type ComparisonWay, comparisonWays } from '../../src-shared/composition.ts';

/** The four ways of one picture, as the screen calls them. */

export const wayNames: Readonly<Record<ComparisonWay, string>> = {
  plain: 'Plain',
  semantic: 'Semantic',
  spatial: 'Spatial',
  both: 'Semantic + spatial',
};

export const wayMeanings: Readonly<Record<ComparisonWay, string>> = {
  plain: 'trained and composed as published',
  semantic: 'trained with anchors',
  spatial: 'composed along the layout',
  both: 'anchors and layout',
};

export const wayOrder: readonly ComparisonWay[] = comparisonWays;

/** Which training of a concept a way takes. */
export function variantOf(way: ComparisonWay): 'plain' | 'semantic' {
  return way === 'semantic' || way === 'both' ? 'semantic' : 'plain';
}
