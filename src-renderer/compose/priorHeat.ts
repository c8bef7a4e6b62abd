import type { HeatMap, LayoutPrior } from '../../src-shared/layout.ts';
import { meanHeatMap } from './heatMapPixels.ts';
import { phraseTile } from './phraseColours.ts';

/** Where the model puts one thing, in the colour of its boxes. */
export interface PriorHeat {
  readonly phrase: string;
  readonly map: HeatMap;
  readonly tile: string;
}

/**
 * The prior's heat of each phrase, the mean over its samples.
 *
 * @param phrases of the layout, which decide the colours; others of the prior follow them
 */
export function priorHeat(prior: LayoutPrior | undefined, phrases: readonly string[]): PriorHeat[] {
  if (!prior) return [];
  const all = [...new Set([...phrases, ...prior.objects])];
  return prior.objects.map((phrase, index) => {
    const maps = prior.samples.map(({ objects }) => objects[index].heatMap);
    const [first] = maps;
    const alike = maps.filter(({ width, height }) => {
      return width === first.width && height === first.height;
    });
    return { phrase, map: meanHeatMap(alike), tile: phraseTile(all.indexOf(phrase)) };
  });
}
