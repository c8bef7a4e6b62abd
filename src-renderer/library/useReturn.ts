import { useEffect, useState } from 'react';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import type { SlicedList } from '../ui/useSlicedList.ts';
import type { Opened } from './lastOpened.ts';

/**
 * Where the grid is to begin, once its concepts are known: at the card of the concept that was opened from it. The focus
 * goes there too, unless it is somewhere already.
 */
export function useReturn(
  opened: Opened | undefined,
  concepts: SlicedList<ConceptSummary>,
): { readonly index: number; readonly focus: boolean } | undefined {
  const [place, setPlace] = useState<{ index: number; focus: boolean }>();
  const { isLoading } = concepts;
  const listed = opened && !isLoading ? concepts.indexOf(opened.id) : -1;
  // where it is not in the list any more, its neighbour took its place
  const index = listed >= 0 ? listed : Math.min(opened?.index ?? 0, concepts.total - 1);
  useEffect(() => {
    if (opened && !isLoading && index >= 0) setPlace((old) => old ?? { index, focus: isLost() });
  }, [opened, isLoading, index]);
  return place;
}

/** Whether the focus went away with the screen before. */
function isLost(): boolean {
  const { activeElement } = document;
  return activeElement === document.body || activeElement?.id === 'screen';
}
