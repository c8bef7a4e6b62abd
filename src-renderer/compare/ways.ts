import type { ComparisonWay } from '../../src-shared/composition.ts';

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
