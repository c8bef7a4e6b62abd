import { InputError } from '../../../src-shared/inputError.ts';
import type { Layout, LayoutObject } from '../../../src-shared/layout.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import type { PlacedObject } from './layoutMasks.ts';
import { officialTokenPositions, phraseOccurrences } from './tokenPositions.ts';

/**
 * Finds the objects of a layout in a prompt.
 *
 * @param expand turns a phrase into what stands in the prompt, for concepts of several vectors
 * @throws InputError when a phrase, or the occurrence asked for, is not there
 */
export function placeObjects(
  tokenizer: Tokenizer,
  prompt: string,
  layout: Layout,
  expand: (phrase: string) => string = (phrase) => phrase,
): PlacedObject[] {
  return layout.objects.map((object) => {
    const found = phraseOccurrences(tokenizer, prompt, expand(object.phrase));
    return { positions: chosen(found, object).flat(), boxes: object.boxes };
  });
}

/** As the released code finds them: every word of a phrase by its first match among the words of the prompt. */
export function placeObjectsOfficially(
  prompt: string,
  { objects }: Layout,
  expand: (phrase: string) => string = (phrase) => phrase,
): PlacedObject[] {
  const phrases = objects.map(({ phrase }) => expand(phrase).trim().replaceAll(/\s+/gu, '_'));
  const positions = officialTokenPositions(prompt, phrases.join('; '));
  return objects.map(({ boxes }, index) => ({ positions: positions[index], boxes }));
}

function chosen(found: readonly number[][], { phrase, occurrences }: LayoutObject): number[][] {
  if (!occurrences) return [...found];
  return occurrences.map((occurrence) => {
    const positions = found[occurrence - 1];
    if (positions) return positions;
    throw new InputError(
      `layout: occurrence ${occurrence} of "${phrase}" is asked for, the prompt has ${found.length}`,
    );
  });
}
