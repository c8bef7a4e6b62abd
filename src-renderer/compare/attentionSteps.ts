import type { ComposedPicture } from '../../src-shared/composition.ts';
import type { HeatMap } from '../../src-shared/layout.ts';
import { percentages } from '../compose/percentages.ts';

/** Attention of several pictures, step by step. */

type Attentive = Pick<ComposedPicture, 'attention'>;

/** The steps at which any of the pictures was watched, in order. */
export function attentionSteps(pictures: readonly Attentive[]): number[] {
  const steps = pictures.flatMap(({ attention }) =>
    attention.flatMap(({ overTime }) => overTime.map(({ step }) => step)),
  );
  return [...new Set(steps)].sort((one, other) => one - other);
}

/** What a phrase looked at: at this step, or at the last one before it that was watched. */
export function attentionAt(
  { attention }: Attentive,
  phrase: string,
  step: number,
): HeatMap | undefined {
  const found = attention.find((one) => one.phrase === phrase);
  return found?.overTime.findLast((one) => one.step <= step)?.heatMap;
}

/** The watched phrases as they follow each other in the prompt. */
export function phrasesInOrder({
  attention,
  settings: { prompt },
}: Attentive & { readonly settings: { readonly prompt: string } }): string[] {
  const phrases = attention.map(({ phrase }) => phrase);
  return phrases.sort((one, other) => prompt.indexOf(one) - prompt.indexOf(other));
}

/** The phrase's boxes as attributes of rectangles. */
export function boxesOfPhrase({ layout }: Pick<ComposedPicture, 'layout'>, phrase: string) {
  const objects = layout?.objects.filter((object) => object.phrase === phrase) ?? [];
  return objects.flatMap(({ boxes }) => boxes.map((box) => percentages(box)));
}
