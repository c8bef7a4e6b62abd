import type { Layout } from '../../src-shared/layout.ts';
import { parseLayout } from '../../src-shared/layout.ts';
import { type Rect, tidy } from './boxGeometry.ts';

/** The editor's view of a layout: a stack of boxes, each with the words that belong into it. */

export interface PlacedBox {
  /** Unique in the editor. */
  readonly id: number;
  readonly phrase: string;
  readonly rect: Rect;
  /** As in a layout: absent where every occurrence of the phrase is meant. */
  readonly occurrences?: readonly number[];
}

/** The boxes of a layout, its last object on top. */
export function boxesOf(layout: Layout | undefined, firstId: number): PlacedBox[] {
  const boxes = (layout?.objects ?? []).flatMap(({ phrase, occurrences, boxes }) =>
    boxes.map((rect) => ({ phrase, rect, ...(occurrences && { occurrences }) })),
  );
  return boxes.map((placed, index) => ({ id: firstId + index, ...placed }));
}

/** Boxes of the same words become one object; without any there is no layout. */
export function layoutOf(boxes: readonly PlacedBox[]): Layout | undefined {
  if (boxes.length === 0) return undefined;
  const objects = Map.groupBy(boxes, keyOf)
    .values()
    .map(([first, ...rest]) => ({
      phrase: first.phrase,
      ...(first.occurrences && { occurrences: first.occurrences }),
      boxes: [first, ...rest].map(({ rect }) => tidy(rect)),
    }));
  return parseLayout({ objects: [...objects] });
}

/** The phrases of a stack, in the order in which they were first placed. */
export function phrasesOf(boxes: readonly PlacedBox[]): string[] {
  const first = [...boxes].sort((one, other) => one.id - other.id);
  return [...new Set(first.map(({ phrase }) => phrase))];
}

/** Whether a phrase stands in a prompt as whole words, whatever its case and blanks. */
export function isInPrompt(phrase: string, prompt: string): boolean {
  const words = phrase.trim().split(/\s+/u).map(escaped).join('\\s+');
  const whole = `(?<![\\p{L}\\p{N}])${words}(?![\\p{L}\\p{N}])`;
  return new RegExp(whole, 'iu').test(prompt);
}

function keyOf({ phrase, occurrences }: PlacedBox): string {
  return `${occurrences?.join() ?? 'all'} ${phrase}`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
